/** Risk as the service tells it: limits, kill switch, daily losses, and what has happened since this page was opened. */
import type { Service } from "@/shared/api/client";
import type { RiskServerMessage, RiskView } from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

export interface RiskNews {
  readonly id: number;
  readonly at: string;
  readonly event: "limits_changed" | "order_refused" | "switch_moved" | "loss_reached";
  readonly text: string;
  readonly by: string;
}

export interface RiskNow {
  readonly risk: RiskView | null;
  readonly news: readonly RiskNews[];
}

export interface RiskFeed {
  readonly now: Store<RiskNow>;
  readonly channel: Channel;
  /** An answer to a request carries the whole of risk; it may be newer than the stream. */
  take(risk: RiskView): void;
}

const NEWS_LENGTH = 100;

export function createRiskFeed(service: Service, onRefused: () => void): RiskFeed {
  const now = createStore<RiskNow>({ risk: null, news: [] });
  let sequence = -1;

  function onMessage(message: RiskServerMessage) {
    if (message.type === "snapshot") {
      sequence = message.sequence;
      now.set(({ news }) => ({ risk: message.risk, news }));
    } else if (message.type === "risk" && message.sequence > sequence) {
      sequence = message.sequence;
      const { at, event, text, by } = message;
      now.set(({ news }) => {
        const id = (news[0]?.id ?? 0) + 1;
        return { risk: message.risk, news: [{ id, at, event, text, by }, ...news].slice(0, NEWS_LENGTH) };
      });
    }
  }

  const channel = createChannel<RiskServerMessage>({
    url: () => service.stream("risk"),
    onMessage,
    onRefused,
  });
  return { now, channel, take: (risk) => now.set(({ news }) => ({ risk, news })) };
}

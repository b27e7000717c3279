/** Positions and account as the broker says them, kept by their stream. */
import type { Service } from "@/shared/api/client";
import type { AccountView, PortfolioServerMessage, PositionView } from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

export interface PortfolioNow {
  readonly loaded: boolean;
  readonly account: AccountView | null;
  readonly positions: ReadonlyMap<string, PositionView>;
  /** The session is down or reconciling: the numbers are from before. */
  readonly stale: boolean;
}

export interface PortfolioFeed {
  readonly now: Store<PortfolioNow>;
  readonly channel: Channel;
}

export function createPortfolioFeed(service: Service, onRefused: () => void): PortfolioFeed {
  const now = createStore<PortfolioNow>({ loaded: false, account: null, positions: new Map(), stale: false });
  let sequence = -1;

  function onMessage(message: PortfolioServerMessage) {
    if (message.type === "error") return;
    // A snapshot starts the count anew; a change that is not newer has been seen.
    if (message.type !== "snapshot" && message.sequence <= sequence) return;
    sequence = message.sequence;
    if (message.type === "snapshot") {
      const { account, stale } = message;
      const positions = new Map(
        message.positions.filter(isHeld).map((position) => [idOf(position), position]),
      );
      now.set({ loaded: true, account, positions, stale });
    } else if (message.type === "account") {
      now.set((before) => ({ ...before, account: message.account, stale: message.account.stale }));
    } else {
      now.set((before) => {
        const positions = new Map(before.positions);
        if (isHeld(message.position)) positions.set(idOf(message.position), message.position);
        else positions.delete(idOf(message.position));
        return { ...before, positions };
      });
    }
  }

  const channel = createChannel<PortfolioServerMessage>({
    url: () => service.stream("portfolio"),
    onMessage,
    onRefused,
  });
  return { now, channel };
}

const isHeld = (position: PositionView) => Number(position.quantity) !== 0;

export function idOf({ account, instrument }: PositionView): string {
  return `${account}:${instrument.con_id || instrument.name}`;
}

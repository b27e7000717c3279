/**
 * Every order of the service, newest change first, kept by its stream.
 *
 * A connection begins with all orders, or with those changed since the number we have. An order never goes back: a
 * message with a lower number than the one shown is late and is passed over. A service whose numbers are below ours
 * has another journal, and then everything is read afresh.
 */
import type { Service } from "@/shared/api/client";
import type { OrderState, OrdersServerMessage, OrderView } from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

export interface OrdersNow {
  readonly loaded: boolean;
  readonly orders: ReadonlyMap<string, OrderView>;
}

export interface OrdersFeed {
  readonly now: Store<OrdersNow>;
  readonly channel: Channel;
  /** An answer to a request carries the order too. */
  take(order: OrderView): void;
}

export function createOrdersFeed(service: Service, onRefused: () => void): OrdersFeed {
  const now = createStore<OrdersNow>({ loaded: false, orders: new Map() });
  let sequence = 0;

  function merge(changed: readonly OrderView[], afresh: boolean) {
    now.set((before) => {
      const orders = new Map(afresh ? [] : before.orders);
      for (const order of changed) {
        const known = orders.get(order.key);
        if (!known || known.sequence <= order.sequence) orders.set(order.key, order);
      }
      return { loaded: true, orders };
    });
  }

  const channel = createChannel<OrdersServerMessage>({
    url: () => service.stream("orders", sequence > 0 ? { since: String(sequence) } : {}),
    onMessage(message) {
      if (message.type === "snapshot") {
        if (!message.complete && message.sequence < sequence) {
          sequence = 0;
          channel.restart("the service has another journal");
          return;
        }
        sequence = message.sequence;
        merge(message.orders, message.complete);
      } else if (message.type === "order") {
        sequence = Math.max(sequence, message.sequence);
        merge([message.order], false);
      }
    },
    onRefused,
  });

  return { now, channel, take: (order) => merge([order], false) };
}

export function newestFirst(orders: ReadonlyMap<string, OrderView>): OrderView[] {
  return [...orders.values()].sort(
    (a, b) => b.created_at.localeCompare(a.created_at) || b.sequence - a.sequence,
  );
}

/** How each state is shown: its word, and its weight on the page. */
export const STATES: Record<OrderState, { word: string; tone: "busy" | "good" | "bad" | "warn" | "quiet" }> =
  {
    intended: { word: "Recorded", tone: "busy" },
    sent: { word: "Sent", tone: "busy" },
    accepted: { word: "Accepted", tone: "busy" },
    working: { word: "Working", tone: "busy" },
    inactive: { word: "Inactive", tone: "warn" },
    cancelling: { word: "Cancelling", tone: "busy" },
    unknown: { word: "Unknown", tone: "warn" },
    filled: { word: "Filled", tone: "good" },
    cancelled: { word: "Cancelled", tone: "quiet" },
    rejected: { word: "Rejected", tone: "bad" },
    not_sent: { word: "Not sent", tone: "quiet" },
    closed: { word: "Closed by hand", tone: "warn" },
  };

/** What a cancel may be asked for: the order may still trade and no cancel is under way. */
export function canCancel(order: OrderView): boolean {
  return order.open && order.state !== "cancelling";
}

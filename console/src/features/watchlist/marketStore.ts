/**
 * Live quotes by symbol, each in a store of its own, so that a tick renders one row and nothing else.
 *
 * Whoever shows a symbol watches it; the last to leave ends its subscription. What is wanted is said again after every
 * reconnect, and what was refused for a passing reason is asked for again when the gateway is ready. Messages are put
 * on the page once a frame at most; the newest of a symbol wins.
 */
import type { Service } from "@/shared/api/client";
import type {
  ErrorMessage,
  GapMessage,
  MarketDataMessage,
  MarketDataServerMessage,
  NoticeMessage,
  SubscribedMessage,
} from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

export interface Line {
  readonly quote: MarketDataMessage | null;
  readonly info: SubscribedMessage | null;
  readonly problem: Pick<ErrorMessage, "slug" | "title" | "detail" | "next_step" | "outcome"> | null;
  /** The newest time in which the stream was cut and changes were not seen. */
  readonly gap: GapMessage | null;
  /** What IB last said of the stream, while no price has come since. */
  readonly notice: NoticeMessage | null;
  /** The link was lost since the quote came: it is from before. */
  readonly old: boolean;
  /** Prices of this page's time, oldest first, at most one a second. */
  readonly trail: readonly number[];
}

export interface MarketFeed {
  readonly channel: Channel;
  line(symbol: string): Store<Line>;
  /** Keep a symbol subscribed until the returned function is called. */
  watch(symbol: string): () => void;
  /** The word by which somebody here already calls this contract. */
  nameOf(conId: number): string | null;
  /** Ask again for what was refused. */
  retry(): void;
}

const BLANK: Line = {
  quote: null,
  info: null,
  problem: null,
  gap: null,
  notice: null,
  old: false,
  trail: [],
};
const TRAIL_LENGTH = 120;
const TRAIL_STEP = 1000;
/** The service takes at most this many symbols in one command. */
const COMMAND_SIZE = 100;

export function createMarketFeed(service: Service, onRefused: () => void): MarketFeed {
  const lines = new Map<string, Store<Line>>();
  const users = new Map<string, number>();
  const asked = new Set<string>();
  const sampled = new Map<string, number>();
  const arrived = new Map<string, MarketDataMessage>();
  let planned = false;
  let framed = false;

  function line(symbol: string): Store<Line> {
    let store = lines.get(symbol);
    if (!store) {
      store = createStore(BLANK);
      lines.set(symbol, store);
    }
    return store;
  }

  const update = (symbol: string, part: Partial<Line>) => line(symbol).set((now) => ({ ...now, ...part }));

  function command(action: "subscribe" | "unsubscribe", symbols: string[]): boolean {
    for (let from = 0; from < symbols.length; from += COMMAND_SIZE) {
      if (!channel.send({ action, symbols: symbols.slice(from, from + COMMAND_SIZE) })) return false;
    }
    return true;
  }

  /** Bring what was asked for in line with what is wanted: once for all that changes in one turn. */
  function plan() {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      const more = [...users.keys()].filter((symbol) => !asked.has(symbol));
      const less = [...asked].filter((symbol) => !users.has(symbol));
      if (less.length && command("unsubscribe", less)) for (const symbol of less) asked.delete(symbol);
      if (more.length && command("subscribe", more)) for (const symbol of more) asked.add(symbol);
    });
  }

  function show() {
    framed = false;
    for (const [symbol, quote] of arrived) {
      const store = line(symbol);
      const at = Date.parse(quote.timestamp);
      const price = quote.last ?? middle(quote);
      let { trail } = store.get();
      if (price !== null && at - (sampled.get(symbol) ?? 0) >= TRAIL_STEP) {
        sampled.set(symbol, at);
        trail = [...trail, price].slice(-TRAIL_LENGTH);
      }
      store.set((now) => ({
        ...now,
        quote,
        trail,
        old: false,
        problem: null,
        notice: noticeAfter(now.notice, quote),
      }));
    }
    arrived.clear();
  }

  function onMessage(message: MarketDataServerMessage) {
    switch (message.type) {
      case "market_data":
        arrived.set(message.symbol, message);
        if (!framed) requestAnimationFrame(show);
        framed = true;
        break;
      case "subscribed":
        update(message.symbol, { info: message, problem: null });
        break;
      case "gap":
        update(message.symbol, { gap: message });
        break;
      case "notice":
        update(message.symbol, { notice: message });
        break;
      case "refused":
        asked.delete(message.symbol);
        update(message.symbol, {
          problem: {
            slug: "refused",
            title: "No market data",
            detail: `${message.text} (IB ${message.code})`,
            next_step: "Check the account's market-data permissions, or choose delayed data in the settings.",
            outcome: "rejected",
          },
        });
        break;
      case "error":
        if (!message.symbol) break;
        asked.delete(message.symbol);
        update(message.symbol, { problem: message });
        break;
      default:
        break;
    }
  }

  const channel = createChannel<MarketDataServerMessage>({
    url: () => service.stream("market-data"),
    onMessage,
    onOpen() {
      asked.clear();
      plan();
    },
    onRefused,
  });
  channel.status.subscribe(() => {
    if (channel.status.get().state !== "lost") return;
    asked.clear();
    for (const store of lines.values()) {
      if (store.get().quote) store.set((now) => (now.old ? now : { ...now, old: true }));
    }
  });

  return {
    channel,
    line,
    watch(symbol) {
      users.set(symbol, (users.get(symbol) ?? 0) + 1);
      plan();
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const others = (users.get(symbol) ?? 1) - 1;
        if (others > 0) users.set(symbol, others);
        else {
          users.delete(symbol);
          // A failed symbol that nobody shows any more is asked for afresh the next time.
          if (lines.get(symbol)?.get().problem) update(symbol, { problem: null });
        }
        plan();
      };
    },
    nameOf(conId) {
      for (const [symbol, store] of lines) if (store.get().info?.con_id === conId) return symbol;
      return null;
    },
    retry: plan,
  };
}

export function middle({ bid, ask }: Pick<MarketDataMessage, "bid" | "ask">): number | null {
  return bid === null || ask === null ? null : (bid + ask) / 2;
}

/** A notice explains silence: a good price ends it, the mark that a price has grown stale does not. */
function noticeAfter(notice: NoticeMessage | null, quote: MarketDataMessage): NoticeMessage | null {
  return quote.quality === "good" ? null : notice;
}

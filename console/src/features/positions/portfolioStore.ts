/** Positions and account as the broker says them, kept by their stream. */
import type { Service } from "@/shared/api/client";
import type {
  AccountView,
  DailyPnlView,
  PnlCourse,
  PortfolioServerMessage,
  PositionView,
} from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

/** The day's profit at a moment, in seconds since the epoch. */
export interface PnlPoint {
  readonly at: number;
  readonly amount: number;
}

export interface PortfolioNow {
  readonly loaded: boolean;
  readonly account: AccountView | null;
  readonly positions: ReadonlyMap<string, PositionView>;
  /** The day's profit of the session's own account. */
  readonly pnl: DailyPnlView | null;
  /** How it came about, oldest first, as far as is known here. */
  readonly points: readonly PnlPoint[];
  /** Another number whenever something was executed, corrected or charged. */
  readonly stirred: number;
  /** The session is down or reconciling: the numbers are from before. */
  readonly stale: boolean;
}

export interface PortfolioFeed {
  readonly now: Store<PortfolioNow>;
  readonly channel: Channel;
  /** Put what the service remembers of the day before what the stream has told. */
  recall(course: PnlCourse): void;
}

/** A day at one point every few seconds, and no more: the oldest go first. */
const MOST_POINTS = 8_000;

export function createPortfolioFeed(service: Service, onRefused: () => void): PortfolioFeed {
  const now = createStore<PortfolioNow>({
    loaded: false,
    account: null,
    positions: new Map(),
    pnl: null,
    points: [],
    stirred: 0,
    stale: false,
  });
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
      now.set((before) => ({
        ...withPnl(before, message.pnl),
        loaded: true,
        account,
        positions,
        stale,
        // What was executed while nobody listened is asked for as well.
        stirred: before.stirred + 1,
      }));
    } else if (message.type === "account") {
      now.set((before) => ({ ...before, account: message.account, stale: message.account.stale }));
    } else if (message.type === "pnl") {
      now.set((before) => withPnl(before, message.pnl));
    } else if (message.type === "executions") {
      now.set((before) => ({ ...before, stirred: before.stirred + 1 }));
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
  function recall(course: PnlCourse) {
    const past = course.points.map(({ at, amount }) => ({
      at: Date.parse(at) / 1000,
      amount: Number(amount),
    }));
    now.set((before) => {
      if (before.pnl?.account !== course.account) return before;
      const newest = past.at(-1)?.at ?? 0;
      return { ...before, points: [...past, ...before.points.filter(({ at }) => at > newest)] };
    });
  }

  return { now, channel, recall };
}

function withPnl(before: PortfolioNow, pnl: DailyPnlView | null): PortfolioNow {
  const same = pnl !== null && before.pnl?.account === pnl.account && before.pnl.source === pnl.source;
  const points = same ? before.points : [];
  const amount = pnl?.amount == null ? null : Number(pnl.amount);
  if (pnl?.at == null || amount === null) return { ...before, pnl, points };
  const at = Date.parse(pnl.at) / 1000;
  const last = points.at(-1);
  if (last && at <= last.at) return { ...before, pnl, points };
  return { ...before, pnl, points: [...points.slice(-MOST_POINTS), { at, amount }] };
}

const isHeld = (position: PositionView) => Number(position.quantity) !== 0;

export function idOf({ account, instrument }: PositionView): string {
  return `${account}:${instrument.con_id || instrument.name}`;
}

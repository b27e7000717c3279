/**
 * Where the gateway connection stands, as the service tells it, and what has happened to it since this page was opened.
 *
 * Two links are told apart: ours to the service (the channel) and the service's to the gateway (the status). While
 * ours is lost, the last status is old news and is marked so.
 */
import type { Service } from "@/shared/api/client";
import type {
  AlertRaised,
  ConnectionServerMessage,
  ConnectionStatus,
  Pacing,
  SessionState,
} from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import { type Channel, createChannel } from "@/shared/ws/channel";

export interface LogEntry {
  readonly id: number;
  readonly at: string;
  /** Who moved: the session with the gateway, or this page's link to the service. */
  readonly about: "gateway" | "service";
  readonly after: SessionState | "reached" | "lost";
  readonly reason: string;
}

export interface ConnectionNow {
  readonly status: ConnectionStatus | null;
  readonly log: readonly LogEntry[];
}

export interface ConnectionFeed {
  readonly now: Store<ConnectionNow>;
  /** How much of IB's limits is used: apart, because it moves with every message that is sent. */
  readonly pacing: Store<Pacing | null>;
  /** The same of each session for market data. */
  readonly dataPacing: Store<readonly Pacing[]>;
  readonly channel: Channel;
  /** An answer to a request carries the status too; it may be newer than the stream. */
  take(status: ConnectionStatus): void;
}

const LOG_LENGTH = 200;

export function createConnectionFeed(
  service: Service,
  onRefused: () => void,
  onAlert: (alert: AlertRaised) => void,
): ConnectionFeed {
  const now = createStore<ConnectionNow>({ status: null, log: [] });
  const pacing = createStore<Pacing | null>(null);
  const dataPacing = createStore<readonly Pacing[]>([]);
  let entries = 0;
  let sequence = -1;

  function note(entry: Omit<LogEntry, "id">) {
    entries += 1;
    const id = entries;
    now.set(({ status, log }) => ({ status, log: [{ ...entry, id }, ...log].slice(0, LOG_LENGTH) }));
  }

  function onMessage(message: ConnectionServerMessage) {
    if (message.type === "snapshot") {
      sequence = message.sequence;
      const { status } = message;
      if (now.get().status?.state !== status.state) {
        note({ at: status.since, about: "gateway", after: status.state, reason: status.reason });
      }
      now.set(({ log }) => ({ status, log }));
      pacing.set(() => message.pacing);
      dataPacing.set(() => message.data_pacing);
    } else if (message.type === "connection" && message.sequence > sequence) {
      sequence = message.sequence;
      const { status } = message;
      now.set(({ log }) => ({ status, log }));
      if (message.before !== message.after || message.reason !== now.get().log[0]?.reason) {
        note({ at: message.at, about: "gateway", after: message.after, reason: message.reason });
      }
    } else if (message.type === "session" && message.sequence > sequence) {
      sequence = message.sequence;
      const { status } = message;
      now.set(({ log }) => ({ status, log }));
      note({
        at: message.at,
        about: "gateway",
        after: message.after,
        reason: `${message.session}: ${message.reason}`,
      });
    } else if (message.type === "health" && message.sequence > sequence) {
      sequence = message.sequence;
      const { status } = message;
      now.set(({ log }) => ({ status, log }));
    } else if (message.type === "pacing" && message.sequence > sequence) {
      sequence = message.sequence;
      if (message.pacing.session === "orders") pacing.set(() => message.pacing);
      else dataPacing.set((known) => replaced(known, message.pacing));
    } else if (message.type === "alert" && message.sequence > sequence) {
      sequence = message.sequence;
      onAlert(message);
    }
  }

  const channel = createChannel<ConnectionServerMessage>({
    url: () => service.stream("connection"),
    onMessage,
    onRefused,
  });
  let link = channel.status.get().state;
  channel.status.subscribe(() => {
    const { state, reason } = channel.status.get();
    if (state === link) return;
    const wasLost = link === "lost";
    link = state;
    const at = new Date().toISOString();
    if (state === "lost") note({ at, about: "service", after: "lost", reason });
    else if (state === "live" && wasLost) note({ at, about: "service", after: "reached", reason: "" });
  });

  return { now, pacing, dataPacing, channel, take: (status) => now.set(({ log }) => ({ status, log })) };
}

function replaced(known: readonly Pacing[], fresh: Pacing): readonly Pacing[] {
  const others = known.filter(({ session }) => session !== fresh.session);
  return [...others, fresh].sort((one, other) => one.session.localeCompare(other.session));
}

/** Whether orders and prices flow: both links are up. */
export function isReady(status: ConnectionStatus | null): boolean {
  return status?.ready ?? false;
}

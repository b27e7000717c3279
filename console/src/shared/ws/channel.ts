/**
 * One WebSocket that stays: it connects, hands over messages in order, and returns by itself after any loss.
 *
 * It owns the socket and the timing of attempts. It knows nothing of what the messages mean: each stream's store reads
 * the snapshot that begins every connection and the numbered changes after it. Messages of an earlier socket are never
 * delivered once it has been given up.
 */
import { createStore, type Store } from "../store";
import { BACKOFF, type Backoff, delayAfter } from "./backoff";

export type LinkState = "idle" | "connecting" | "live" | "lost";

export interface LinkStatus {
  readonly state: LinkState;
  /** When the state began, in milliseconds since the epoch. */
  readonly since: number;
  /** Failures in a row. */
  readonly attempts: number;
  /** When the next attempt is due; null while none is planned. */
  readonly nextAttemptAt: number | null;
  readonly reason: string;
}

export interface ChannelOptions<Message> {
  /** Asked for each connection, so that it can carry where to resume. */
  url: () => string;
  onMessage: (message: Message) => void;
  /** The socket is open: say again what this side wants. */
  onOpen?: () => void;
  /** The attempt ended before the socket was open: the service is away, or we are no longer signed in. */
  onRefused?: () => void;
  backoff?: Backoff;
  connectTimeout?: number;
  random?: () => number;
}

export interface Channel {
  readonly status: Store<LinkStatus>;
  start(): void;
  stop(): void;
  /** Send now; false when there is no connection, and then `onOpen` will have its turn. */
  send(message: unknown): boolean;
  /** Do not wait for the planned attempt. */
  retryNow(): void;
  /** Give this connection up and take a new one at once, with a new snapshot. */
  restart(reason: string): void;
}

const CONNECT_TIMEOUT = 10_000;

export function createChannel<Message>(options: ChannelOptions<Message>): Channel {
  const { backoff = BACKOFF, connectTimeout = CONNECT_TIMEOUT, random = Math.random } = options;
  const status = createStore<LinkStatus>({
    state: "idle",
    since: Date.now(),
    attempts: 0,
    nextAttemptAt: null,
    reason: "",
  });
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function move(state: LinkState, reason: string, attempts: number, nextAttemptAt: number | null = null) {
    status.set((now) => ({
      state,
      since: now.state === state ? now.since : Date.now(),
      attempts,
      nextAttemptAt,
      reason,
    }));
  }

  function open() {
    clearTimeout(timer);
    const attempts = status.get().attempts;
    // While attempts fail one after the other the link stays "lost": a person is not shown a flicker.
    if (status.get().state !== "lost") move("connecting", "", attempts);
    const mine = new WebSocket(options.url());
    let opened = false;
    socket = mine;
    timer = setTimeout(
      () => lose(mine, opened, `no answer within ${connectTimeout / 1000} s`),
      connectTimeout,
    );
    mine.onopen = () => {
      if (socket !== mine) return;
      opened = true;
      clearTimeout(timer);
      move("live", "", 0);
      options.onOpen?.();
    };
    mine.onmessage = (event) => {
      if (socket !== mine) return;
      const message = parse<Message>(event.data);
      if (message === null) lose(mine, opened, "the service sent something that is not JSON");
      else options.onMessage(message);
    };
    mine.onclose = (event) =>
      lose(mine, opened, event.reason || (opened ? "the connection ended" : "no answer"));
  }

  function lose(which: WebSocket, opened: boolean, reason: string) {
    if (socket !== which) return;
    socket = null;
    which.close();
    const attempts = status.get().attempts + 1;
    const delay = delayAfter(attempts, random(), backoff);
    move("lost", reason, attempts, Date.now() + delay);
    clearTimeout(timer);
    timer = setTimeout(open, delay);
    if (!opened) options.onRefused?.();
  }

  function drop() {
    clearTimeout(timer);
    const old = socket;
    socket = null;
    old?.close();
  }

  function retryNow() {
    if (status.get().state === "lost" && socket === null) open();
  }

  return {
    status,
    start() {
      if (status.get().state !== "idle") return;
      open();
    },
    stop() {
      drop();
      move("idle", "", 0);
    },
    send(message) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    retryNow,
    restart(reason) {
      if (socket) lose(socket, true, reason);
      retryNow();
    },
  };
}

function parse<Message>(data: unknown): Message | null {
  try {
    const value: unknown = JSON.parse(String(data));
    return typeof value === "object" && value !== null ? (value as Message) : null;
  } catch {
    return null;
  }
}

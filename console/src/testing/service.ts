/**
 * A service for tests: real sockets on a free port, answers and streams as the test says.
 *
 * It is the other end of the wire, not a copy of ours: it knows nothing of what the console makes of its messages.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket as Peer, WebSocketServer } from "ws";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  /** Cut the connection instead of answering. */
  cut(): undefined;
}

/** Status and body; undefined where the handler has cut the connection. */
export type Answer = readonly [status: number, body?: unknown] | undefined;
export type Handler = (asked: Asked) => Answer | Promise<Answer>;

export interface StandIn {
  readonly origin: string;
  readonly asked: Asked[];
  /** Answer `"POST /orders"` (paths below /api/v1/ib) like this from now on. */
  on(route: string, handler: Handler): void;
  /** The next connection to a stream. */
  stream(name: string): Promise<Line>;
  close(): Promise<void>;
}

export interface Line {
  readonly query: URLSearchParams;
  send(message: unknown): void;
  /** The next message from the console. */
  heard(): Promise<unknown>;
  cut(): void;
}

const PREFIX = "/api/v1/ib";

export async function standIn(): Promise<StandIn> {
  const handlers = new Map<string, Handler>();
  const asked: Asked[] = [];
  const waiting = new Map<string, ((line: Line) => void)[]>();
  const lines = new Map<string, Line[]>();
  const sockets = new Set<Socket>();

  const server = createServer((request, response) => void serve(request, response));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "/", "http://test");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const item: Asked = {
      method: request.method ?? "",
      path: url.pathname.replace(PREFIX, ""),
      query: url.searchParams,
      headers: request.headers,
      body: text ? JSON.parse(text) : null,
      cut: () => void request.socket.destroy() as undefined,
    };
    asked.push(item);
    const handler = handlers.get(`${item.method} ${item.path}`);
    const answer = handler
      ? await handler(item)
      : ([404, problem("not-found", "There is no such thing.")] as const);
    if (!answer || response.destroyed) return;
    const [status, body] = answer;
    response.writeHead(status, {
      "Content-Type": status >= 400 ? "application/problem+json" : "application/json",
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  const streams = new WebSocketServer({ server });
  streams.on("connection", (peer, request) => {
    const url = new URL(request.url ?? "/", "http://test");
    const name = url.pathname.replace(`${PREFIX}/ws/`, "");
    const line = lineOf(peer, url.searchParams);
    const next = waiting.get(name)?.shift();
    if (next) next(line);
    else lines.set(name, [...(lines.get(name) ?? []), line]);
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    on: (route, handler) => void handlers.set(route, handler),
    stream(name) {
      const line = lines.get(name)?.shift();
      if (line) return Promise.resolve(line);
      return new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
    },
    async close() {
      for (const peer of streams.clients) peer.terminate();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function lineOf(peer: Peer, query: URLSearchParams): Line {
  const heard: unknown[] = [];
  const listeners: ((message: unknown) => void)[] = [];
  peer.on("message", (data) => {
    const message: unknown = JSON.parse(String(data));
    const listener = listeners.shift();
    if (listener) listener(message);
    else heard.push(message);
  });
  return {
    query,
    send: (message) => peer.send(JSON.stringify(message)),
    heard: () =>
      heard.length ? Promise.resolve(heard.shift()) : new Promise((resolve) => listeners.push(resolve)),
    cut: () => peer.terminate(),
  };
}

/** An error in the service's shape. */
export function problem(slug: string, detail: string, more: Record<string, unknown> = {}) {
  return {
    type: `urn:ironbridge:problem:${slug}`,
    title: slug,
    status: 400,
    detail,
    slug,
    outcome: "not_sent",
    retryable: false,
    next_step: "",
    request_id: "r1",
    details: {},
    ...more,
  };
}

/** Resolves when `holds` does, looking again at each change. */
export function until<T>(
  store: { get(): T; subscribe(listener: () => void): () => void },
  holds: (value: T) => boolean,
): Promise<T> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    const look = () => {
      const value = store.get();
      if (!holds(value)) return;
      stop?.();
      resolve(value);
    };
    stop = store.subscribe(look);
    look();
  });
}

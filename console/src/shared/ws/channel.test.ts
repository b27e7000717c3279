import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type WebSocket as Peer, WebSocketServer } from "ws";
import { delayAfter } from "./backoff";
import { type Channel, createChannel, type LinkState } from "./channel";

const QUICK = { first: 10, longest: 20 };

let server: WebSocketServer;
let channel: Channel | undefined;

beforeEach(async () => {
  server = await listen(0);
});

afterEach(async () => {
  channel?.stop();
  await shut();
});

function listen(port: number): Promise<WebSocketServer> {
  return new Promise((resolve) => {
    const made: WebSocketServer = new WebSocketServer({ host: "127.0.0.1", port }, () => resolve(made));
  });
}

function shut(): Promise<unknown> {
  for (const peer of server.clients) peer.terminate();
  return new Promise((resolve) => server.close(resolve));
}

const port = () => (server.address() as AddressInfo).port;

const peer = () => new Promise<Peer>((resolve) => server.once("connection", resolve));

function until(state: LinkState): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (channel?.status.get().state !== state) return;
      stop?.();
      resolve();
    };
    const stop = channel?.status.subscribe(look);
    look();
  });
}

function open(extra: Partial<Parameters<typeof createChannel>[0]> = {}) {
  const messages: unknown[] = [];
  let arrived: () => void = () => {};
  const address = `ws://127.0.0.1:${port()}/stream`;
  channel = createChannel<unknown>({
    url: () => address,
    onMessage: (message) => {
      messages.push(message);
      arrived();
    },
    backoff: QUICK,
    ...extra,
  });
  channel.start();
  const next = () =>
    new Promise<void>((resolve) => {
      arrived = resolve;
    });
  return { messages, next };
}

it("hands messages over in order", async () => {
  const connected = peer();
  const { messages, next } = open();
  const other = await connected;
  other.send('{"n":1}');
  await next();
  const second = next();
  other.send('{"n":2}');
  await second;
  expect(messages).toEqual([{ n: 1 }, { n: 2 }]);
  expect(channel?.status.get().state).toBe("live");
});

it("returns after a cut and says again what it wants", async () => {
  let opened = 0;
  const first = peer();
  open({ onOpen: () => (opened += 1) });
  const before = await first;
  await until("live");
  const second = peer();
  before.terminate();
  await second;
  await until("live");
  expect(opened).toBe(2);
  expect(channel?.status.get().attempts).toBe(0);
});

it("keeps trying while nobody listens, tells of each refusal, and comes back", async () => {
  const address = port();
  await shut();
  let refusals = 0;
  const thrice = new Promise<void>((resolve) => {
    const url = `ws://127.0.0.1:${address}/`;
    channel = createChannel<unknown>({
      url: () => url,
      onMessage: () => {},
      onRefused: () => {
        refusals += 1;
        if (refusals === 3) resolve();
      },
      backoff: QUICK,
    });
    channel.start();
  });
  await thrice;
  expect(channel?.status.get()).toMatchObject({ state: "lost", attempts: 3 });
  server = await listen(address);
  await until("live");
});

it("gives up a connection that speaks no JSON and takes a new one", async () => {
  const first = peer();
  const { messages } = open();
  const other = await first;
  const second = peer();
  other.send("<html>");
  await second;
  expect(messages).toEqual([]);
});

it("does not wait for ever for an answer", async () => {
  await shut();
  // A listener that accepts and says nothing: the handshake never ends.
  const net = await import("node:net");
  const silent = net.createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  channel = createChannel<unknown>({
    url: () => url,
    onMessage: () => {},
    connectTimeout: 50,
    backoff: QUICK,
  });
  channel.start();
  await until("lost");
  expect(channel.status.get().reason).toContain("no answer within");
  channel.stop();
  silent.close();
  server = await listen(0);
});

it("stops for good when told to", async () => {
  const first = peer();
  open();
  const other = await first;
  await until("live");
  const closed = new Promise((resolve) => other.once("close", resolve));
  channel?.stop();
  await closed;
  expect(channel?.status.get().state).toBe("idle");
  expect(channel?.send({ any: 1 })).toBe(false);
});

it("waits longer after each failure, within bounds, never zero", () => {
  const bounds = { first: 500, longest: 15_000 };
  expect(delayAfter(1, 0, bounds)).toBe(50);
  expect(delayAfter(1, 0.999, bounds)).toBeLessThanOrEqual(500);
  expect(delayAfter(4, 0.5, bounds)).toBe(2200);
  expect(delayAfter(60, 0.999, bounds)).toBeLessThanOrEqual(15_000);
});

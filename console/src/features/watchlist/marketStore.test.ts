import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { quote } from "@/testing/samples";
import { type Line, type StandIn, standIn, until } from "@/testing/service";
import { createMarketFeed, type MarketFeed } from "./marketStore";

let service: StandIn;
let feed: MarketFeed;
let line: Line;

beforeEach(async () => {
  service = await standIn();
  feed = createMarketFeed(createService(service.origin), () => {});
  feed.channel.start();
  line = await service.stream("market-data");
});

afterEach(() => {
  feed.channel.stop();
  return service.close();
});

const error = (symbol: string, slug: string) => ({
  type: "error",
  slug,
  title: slug,
  detail: `About ${symbol}.`,
  next_step: "Do this.",
  outcome: "not_sent",
  retryable: false,
  symbol,
  details: {},
});

it("asks once for all that is shown, and shares a symbol between its users", async () => {
  const leave = feed.watch("AAPL");
  const other = feed.watch("AAPL");
  feed.watch("MSFT");
  expect(await line.heard()).toEqual({ action: "subscribe", symbols: ["AAPL", "MSFT"] });
  leave();
  other();
  other();
  expect(await line.heard()).toEqual({ action: "unsubscribe", symbols: ["AAPL"] });
});

it("shows the newest quote and keeps a trail of one price a second", async () => {
  feed.watch("AAPL");
  await line.heard();
  line.send(quote({ last: 1, timestamp: "2026-11-20T15:00:00Z" }));
  await until(feed.line("AAPL"), ({ quote: now }) => now?.last === 1);
  line.send(quote({ last: 2, timestamp: "2026-11-20T15:00:00.500Z" }));
  await until(feed.line("AAPL"), ({ quote: now }) => now?.last === 2);
  line.send(quote({ last: 3, timestamp: "2026-11-20T15:00:01.500Z" }));
  const now = await until(feed.line("AAPL"), ({ quote: last }) => last?.last === 3);
  expect(now.trail).toEqual([1, 3]);
});

it("marks what it has as old when the link is cut, and asks again for all of it", async () => {
  feed.watch("AAPL");
  await line.heard();
  line.send(quote());
  await until(feed.line("AAPL"), ({ quote: now }) => now !== null);
  line.cut();
  const after = await until(feed.line("AAPL"), ({ old }) => old);
  expect(after.quote?.bid).toBe(227.34);
  const second = await service.stream("market-data");
  expect(await second.heard()).toEqual({ action: "subscribe", symbols: ["AAPL"] });
  second.send(quote({ bid: 230 }));
  await until(feed.line("AAPL"), ({ old, quote: now }) => !old && now?.bid === 230);
});

it("tells of a symbol that there is not, and asks again only when told to", async () => {
  feed.watch("NOPE");
  await line.heard();
  line.send(error("NOPE", "instrument-not-found"));
  await until(feed.line("NOPE"), ({ problem }) => problem?.slug === "instrument-not-found");
  feed.retry();
  expect(await line.heard()).toEqual({ action: "subscribe", symbols: ["NOPE"] });
  line.send({ type: "subscribed", symbol: "NOPE", con_id: 1, name: "NOPE", long_name: "", min_tick: 0.01 });
  await until(feed.line("NOPE"), ({ problem, info }) => problem === null && info !== null);
  expect(feed.nameOf(1)).toBe("NOPE");
  expect(feed.nameOf(2)).toBeNull();
});

it("keeps a gap in sight, and IB's refusal in IB's words", async () => {
  feed.watch("AAPL");
  await line.heard();
  line.send({
    type: "gap",
    symbol: "AAPL",
    since: "2026-11-20T15:00:00Z",
    until: "2026-11-20T15:00:09Z",
    reason: "the connection was lost",
  });
  await until(feed.line("AAPL"), ({ gap }) => gap?.reason === "the connection was lost");
  line.send({ type: "refused", symbol: "AAPL", code: 354, text: "Requested market data is not subscribed." });
  const { problem } = await until(feed.line("AAPL"), (now) => now.problem !== null);
  expect(problem?.detail).toBe("Requested market data is not subscribed. (IB 354)");
});

it("keeps what IB says of a silent stream until good prices come", async () => {
  feed.watch("AAPL");
  await line.heard();
  line.send({
    type: "notice",
    symbol: "AAPL",
    code: 10197,
    text: "No market data during competing live session",
  });
  line.send(quote({ quality: "stale", bid: 1 }));
  const silent = await until(feed.line("AAPL"), ({ quote: now }) => now?.bid === 1);
  expect(silent.notice?.code).toBe(10197);
  line.send(quote({ quality: "good", bid: 2 }));
  const well = await until(feed.line("AAPL"), ({ quote: now }) => now?.bid === 2);
  expect(well.notice).toBeNull();
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { pnl, position } from "@/testing/samples";
import { type StandIn, standIn, until } from "@/testing/service";
import { createPortfolioFeed, type PortfolioFeed } from "./portfolioStore";

let service: StandIn;
let feed: PortfolioFeed;

beforeEach(async () => {
  service = await standIn();
  feed = createPortfolioFeed(createService(service.origin), () => {});
  feed.channel.start();
});

afterEach(() => {
  feed.channel.stop();
  return service.close();
});

const quantities = () => [...feed.now.get().positions.values()].map(({ quantity }) => quantity);

it("shows what is held, changes it, and drops what has been closed", async () => {
  const line = await service.stream("portfolio");
  line.send({
    type: "snapshot",
    account: null,
    positions: [position()],
    pnl: null,
    stale: false,
    sequence: 0,
  });
  await until(feed.now, ({ loaded }) => loaded);
  line.send({ type: "position", position: position({ quantity: "25" }), sequence: 1 });
  await until(feed.now, () => quantities()[0] === "25");
  line.send({ type: "position", position: position({ quantity: "0" }), sequence: 2 });
  await until(feed.now, ({ positions }) => positions.size === 0);
});

it("passes over a change that it has seen, and starts the count anew with a snapshot", async () => {
  const line = await service.stream("portfolio");
  line.send({
    type: "snapshot",
    account: null,
    positions: [position()],
    pnl: null,
    stale: false,
    sequence: 5,
  });
  line.send({ type: "position", position: position({ quantity: "99" }), sequence: 5 });
  line.send({
    type: "snapshot",
    account: null,
    positions: [position()],
    pnl: null,
    stale: true,
    sequence: 0,
  });
  await until(feed.now, ({ stale }) => stale);
  expect(quantities()).toEqual(["10"]);
  line.send({ type: "position", position: position({ quantity: "11" }), sequence: 1 });
  await until(feed.now, () => quantities()[0] === "11");
});

it("plots the day from what the service remembers and what it tells, each moment once", async () => {
  const line = await service.stream("portfolio");
  const first = pnl({ amount: "5", at: "2026-11-20T15:00:30Z" });
  line.send({ type: "snapshot", account: null, positions: [], pnl: first, stale: false, sequence: 0 });
  await until(feed.now, ({ points }) => points.length === 1);
  feed.recall({
    account: "DU1000001",
    points: [
      { at: "2026-11-20T15:00:00Z", amount: "-2" },
      { at: "2026-11-20T15:00:15Z", amount: "1.5" },
    ],
  });
  line.send({ type: "pnl", pnl: pnl({ amount: "5", at: "2026-11-20T15:00:30Z" }), sequence: 1 });
  line.send({ type: "pnl", pnl: pnl({ amount: null, source: null, at: null }), sequence: 2 });
  await until(feed.now, (now) => now.pnl?.amount === null);
  expect(feed.now.get().points).toEqual([]); // another source counts otherwise: its course is another
  line.send({ type: "pnl", pnl: pnl({ amount: "7", at: "2026-11-20T15:01:00Z" }), sequence: 3 });
  line.send({ type: "executions", count: 1, sequence: 4 });
  await until(feed.now, ({ stirred }) => stirred === 2);
  expect(feed.now.get().points.map(({ amount }) => amount)).toEqual([7]);
});

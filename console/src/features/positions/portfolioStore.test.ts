import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { position } from "@/testing/samples";
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
  line.send({ type: "snapshot", account: null, positions: [position()], stale: false, sequence: 0 });
  await until(feed.now, ({ loaded }) => loaded);
  line.send({ type: "position", position: position({ quantity: "25" }), sequence: 1 });
  await until(feed.now, () => quantities()[0] === "25");
  line.send({ type: "position", position: position({ quantity: "0" }), sequence: 2 });
  await until(feed.now, ({ positions }) => positions.size === 0);
});

it("passes over a change that it has seen, and starts the count anew with a snapshot", async () => {
  const line = await service.stream("portfolio");
  line.send({ type: "snapshot", account: null, positions: [position()], stale: false, sequence: 5 });
  line.send({ type: "position", position: position({ quantity: "99" }), sequence: 5 });
  line.send({ type: "snapshot", account: null, positions: [position()], stale: true, sequence: 0 });
  await until(feed.now, ({ stale }) => stale);
  expect(quantities()).toEqual(["10"]);
  line.send({ type: "position", position: position({ quantity: "11" }), sequence: 1 });
  await until(feed.now, () => quantities()[0] === "11");
});

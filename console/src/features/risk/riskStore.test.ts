import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { risk } from "@/testing/samples";
import { type StandIn, standIn, until } from "@/testing/service";
import { createRiskFeed, type RiskFeed } from "./riskStore";

let service: StandIn;
let feed: RiskFeed;

beforeEach(async () => {
  service = await standIn();
  feed = createRiskFeed(createService(service.origin), () => {});
  feed.channel.start();
});

afterEach(() => {
  feed.channel.stop();
  return service.close();
});

it("shows how risk stands and what happens to it, each once", async () => {
  const line = await service.stream("risk");
  line.send({ type: "snapshot", risk: risk(), sequence: 0 });
  await until(feed.now, ({ risk }) => risk?.kill_switch.state === "off");
  const killed = risk({ state: "verified", by: "anne", reason: "drill" });
  const event = { type: "risk", at: "2026-11-20T15:00:00Z", by: "anne", risk: killed };
  line.send({ ...event, event: "switch_moved", text: "The kill switch is verified", sequence: 1 });
  line.send({ ...event, event: "switch_moved", text: "seen", sequence: 1 });
  line.send({ ...event, event: "order_refused", text: "BUY 1 AAPL", sequence: 2 });
  await until(feed.now, ({ news }) => news.length === 2);
  expect(feed.now.get().news.map(({ text }) => text)).toEqual(["BUY 1 AAPL", "The kill switch is verified"]);
  expect(feed.now.get().risk?.kill_switch.by).toBe("anne");
});

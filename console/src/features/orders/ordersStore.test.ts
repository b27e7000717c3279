import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { order } from "@/testing/samples";
import { type StandIn, standIn, until } from "@/testing/service";
import { createOrdersFeed, newestFirst, type OrdersFeed } from "./ordersStore";

let service: StandIn;
let feed: OrdersFeed;

beforeEach(async () => {
  service = await standIn();
  feed = createOrdersFeed(createService(service.origin), () => {});
  feed.channel.start();
});

afterEach(() => {
  feed.channel.stop();
  return service.close();
});

const snapshot = (sequence: number, orders = [order({ sequence })], complete = true) => ({
  type: "snapshot",
  orders,
  sequence,
  complete,
});
const changed = (sequence: number, over: Parameters<typeof order>[0]) => ({
  type: "order",
  order: order({ sequence, ...over }),
  sequence,
});
const state = (key: string) => feed.now.get().orders.get(key)?.state;

it("shows the snapshot, then every change", async () => {
  const line = await service.stream("orders");
  expect(line.query.get("since")).toBeNull();
  line.send(snapshot(3));
  await until(feed.now, ({ loaded }) => loaded);
  line.send(changed(4, { state: "filled", open: false }));
  await until(feed.now, () => state("k1") === "filled");
  line.send(changed(5, { key: "k2", state: "working" }));
  await until(feed.now, ({ orders }) => orders.size === 2);
});

it("never lets a late message take an order back", async () => {
  const line = await service.stream("orders");
  line.send(snapshot(5, [order({ sequence: 5, state: "filled", open: false })]));
  line.send(changed(4, { state: "working" }));
  line.send(changed(6, { key: "k2" }));
  await until(feed.now, ({ orders }) => orders.has("k2"));
  expect(state("k1")).toBe("filled");
});

it("resumes after a cut and loses nothing", async () => {
  const first = await service.stream("orders");
  first.send(snapshot(3));
  await until(feed.now, ({ loaded }) => loaded);
  first.cut();
  const second = await service.stream("orders");
  expect(second.query.get("since")).toBe("3");
  second.send(snapshot(9, [order({ key: "k2", sequence: 9 })], false));
  await until(feed.now, ({ orders }) => orders.has("k2"));
  expect(feed.now.get().orders.has("k1")).toBe(true);
});

it("reads everything afresh where the service has another journal", async () => {
  const first = await service.stream("orders");
  first.send(snapshot(30));
  await until(feed.now, ({ loaded }) => loaded);
  first.cut();
  const second = await service.stream("orders");
  second.send(snapshot(2, [], false));
  const third = await service.stream("orders");
  expect(third.query.get("since")).toBeNull();
  third.send(snapshot(2, [order({ key: "other", sequence: 2 })]));
  await until(feed.now, ({ orders }) => orders.has("other"));
  expect(feed.now.get().orders.has("k1")).toBe(false);
});

it("puts the newest first", () => {
  const old = order({ key: "old", created_at: "2026-11-20T10:00:00Z" });
  const young = order({ key: "young", created_at: "2026-11-20T11:00:00Z" });
  const orders = new Map([
    ["old", old],
    ["young", young],
  ]);
  expect(newestFirst(orders).map(({ key }) => key)).toEqual(["young", "old"]);
});

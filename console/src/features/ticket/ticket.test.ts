import { afterEach, beforeEach, expect, it } from "vitest";
import { createService } from "@/shared/api/client";
import { order } from "@/testing/samples";
import { problem, type StandIn, standIn, until } from "@/testing/service";
import { createOrdersFeed, type OrdersFeed } from "../orders/ordersStore";
import { createTicket, randomKey, type Ticket } from "./ticket";

let service: StandIn;
let orders: OrdersFeed;
let ticket: Ticket;
let keys: number;

function make() {
  const client = createService(service.origin);
  orders = createOrdersFeed(client, () => {});
  ticket = createTicket(client, orders, () => `k${++keys}`);
  ticket.choose("AAPL", { side: "BUY", type: "LMT", limit: "227.35", quantity: "10" });
}

beforeEach(async () => {
  keys = 0;
  service = await standIn();
  make();
});

afterEach(() => service.close());

const posts = () => service.asked.filter(({ method, path }) => method === "POST" && path === "/orders");

it("makes one order of two clicks", async () => {
  service.on("POST /orders", () => [201, order()]);
  ticket.review();
  await Promise.all([ticket.send(), ticket.send()]);
  expect(posts()).toHaveLength(1);
  expect(posts()[0]?.headers["idempotency-key"]).toBe("k1");
  expect(posts()[0]?.body).toMatchObject({
    symbol: "AAPL",
    side: "BUY",
    quantity: "10",
    limit_price: "227.35",
  });
  expect(ticket.intent.get().phase).toBe("known");
  expect(orders.now.get().orders.has("k1")).toBe(true);
});

it("sends again under the same key when the answer was lost", async () => {
  service.on("POST /orders", (asked) => (posts().length === 1 ? asked.cut() : [200, order()]));
  ticket.review();
  await ticket.send();
  expect(ticket.intent.get()).toMatchObject({ phase: "unsure", key: "k1" });
  await ticket.send();
  expect(posts().map(({ headers }) => headers["idempotency-key"])).toEqual(["k1", "k1"]);
  expect(posts()[1]?.body).toEqual(posts()[0]?.body);
  expect(ticket.intent.get().phase).toBe("known");
});

it("learns from the stream what the answer did not tell", async () => {
  service.on("POST /orders", (asked) => asked.cut());
  ticket.review();
  await ticket.send();
  expect(ticket.intent.get().phase).toBe("unsure");
  orders.take(order({ state: "filled", open: false }));
  expect(ticket.intent.get()).toMatchObject({ phase: "known", order: { state: "filled" } });
});

it("asks after an order whose answer was lost", async () => {
  service.on("POST /orders", (asked) => asked.cut());
  ticket.review();
  await ticket.send();
  service.on("GET /orders/k1", () => [404, problem("order-not-found", "No order has the key k1.")]);
  await ticket.check();
  expect(ticket.intent.get()).toMatchObject({ phase: "unsure", trouble: { slug: "not-recorded" } });
  service.on("GET /orders/k1", () => [200, order()]);
  await ticket.check();
  expect(ticket.intent.get()).toMatchObject({ phase: "known", order: { key: "k1" } });
});

it("shows the service's own words where it refuses", async () => {
  service.on("POST /orders", () => [
    422,
    problem("order-refused", "The order is for 5,000 where 1,000 is the limit.", { next_step: "Send less." }),
  ]);
  ticket.review();
  await ticket.send();
  expect(ticket.intent.get()).toMatchObject({
    phase: "refused",
    trouble: { detail: "The order is for 5,000 where 1,000 is the limit.", nextStep: "Send less." },
  });
});

it("calls an answer that is not the service's own unknown", async () => {
  service.on("POST /orders", () => [502, { any: "proxy" }]);
  ticket.review();
  await ticket.send();
  expect(ticket.intent.get()).toMatchObject({ phase: "unsure", trouble: { answered: false } });
});

it("remembers an order on its way when the page is loaded again", async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  service.on("POST /orders", async () => {
    await held;
    return [201, order()];
  });
  ticket.review();
  const sent = ticket.send();
  const before = ticket;
  make();
  expect(ticket.intent.get()).toMatchObject({ phase: "unsure", key: "k1", body: { symbol: "AAPL" } });
  release();
  await sent;
  expect(before.intent.get().phase).toBe("known");
  service.on("GET /orders/k1", () => [200, order()]);
  await ticket.check();
  await until(ticket.intent, (intent) => intent.phase === "known");
  make();
  expect(ticket.intent.get().phase).toBe("editing");
});

it("makes keys that are short, plain and never the same", () => {
  const made = new Set(Array.from({ length: 100 }, randomKey));
  expect(made.size).toBe(100);
  for (const key of made) expect(key).toMatch(/^web-[0-9a-f]{24}$/);
});

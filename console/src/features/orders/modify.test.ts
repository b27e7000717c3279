import { expect, test } from "vitest";
import { order as anOrder } from "@/testing/samples";
import { canModify, changesOf, editableOf } from "./modify";

test("only what the order has can be changed", () => {
  const limit = anOrder({ order_type: "LMT", limit_price: "100", stop_price: null });
  expect(editableOf(limit).map(({ name }) => name)).toEqual(["quantity", "limit_price"]);
  const trail = anOrder({ order_type: "TRAIL", limit_price: null, stop_price: "98", trail_amount: "2" });
  expect(editableOf(trail).map(({ name }) => name)).toEqual(["quantity", "trail_amount"]);
});

test("what means the same is no change", () => {
  const order = anOrder({ quantity: "10", limit_price: "100.5" });
  expect(changesOf(order, { quantity: "10.0", limit_price: " 101 " })).toEqual({ limit_price: "101" });
  expect(changesOf(order, { quantity: "" })).toEqual({});
});

test("an order is modified while the broker holds it and nothing else is under way", () => {
  expect(canModify(anOrder({ state: "working" }))).toBe(true);
  expect(canModify(anOrder({ state: "sent" }))).toBe(false);
  expect(canModify(anOrder({ state: "unknown" }))).toBe(false);
});

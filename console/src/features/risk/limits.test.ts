import { expect, it } from "vitest";
import { limits } from "@/testing/samples";
import { bodyOf, draftOf, wordsOf } from "./limits";

it("brings a scope's limits into the form and back unchanged", () => {
  const set = limits({
    max_quantity: "100",
    max_open_orders: 5,
    order_rate: { count: 10, seconds: "60" },
    denied: ["OPT:*", "TSLA"],
    market_hours: true,
    max_daily_loss: "2000",
    on_daily_loss: "close",
  });
  const { scope: _, ...body } = set;
  expect(bodyOf(draftOf(set))).toEqual(body);
});

it("reads what a person writes, and leaves to the service what it cannot read", () => {
  const draft = {
    ...draftOf(null),
    max_notional: " 1,000,000 ",
    max_open_orders: "many",
    order_rate: "10 a minute",
  };
  expect(bodyOf(draft)).toMatchObject({
    max_notional: "1000000",
    max_open_orders: "many",
    order_rate: "10 a minute",
    max_quantity: null,
    allowed: [],
  });
});

it("says what is set", () => {
  const set = limits({ price_collar: "5", max_daily_loss: "100", on_daily_loss: "cancel" });
  expect(wordsOf(set)).toEqual([
    { label: "Price collar", value: "5 %" },
    { label: "Daily loss", value: "100" },
    { label: "At the daily loss", value: "cancel orders" },
  ]);
});

import { describe, expect, it } from "vitest";
import { INSTRUMENT } from "@/testing/samples";
import { bodyOf } from "./body";
import { type Draft, EMPTY, notional } from "./draft";
import { faults } from "./faults";

const GRID = { increments: [{ low_edge: "0", increment: "0.01" }], size_increment: "1" };
const GOOD: Draft = { ...EMPTY, symbol: "AAPL", quantity: "10", limit: "227.35" };

describe("faults", () => {
  it("finds none in an order that can be meant", () => {
    expect(faults(GOOD, GRID)).toEqual({});
  });

  it.each([
    ["symbol", { symbol: "" }, /Name what to trade/],
    ["quantity", { quantity: "-5" }, /must be positive.*choose Sell/],
    ["quantity", { quantity: "0" }, /more than zero/],
    ["quantity", { quantity: "" }, /how many/],
    ["quantity", { quantity: "ten" }, /not a number/],
    ["quantity", { quantity: "1.5" }, /steps of 1\./],
    ["limit", { limit: "227.353" }, /steps of 0\.01 here\. Use 227\.35 or 227\.36\./],
    ["limit", { limit: "" }, /Give a limit price/],
    ["limit", { limit: "x" }, /not a price/],
    ["stop", { type: "STP", stop: "220.001" }, /Use 220\.00 or 220\.01/],
  ] as const)("says what is wrong with %s in %j", (field, part, words) => {
    expect(faults({ ...GOOD, ...part } as Draft, GRID)[field]).toMatch(words);
  });

  it("refuses what cannot be ordered at all", () => {
    const index = { ...GRID, instrument: { ...INSTRUMENT, kind: "IND" as const } };
    expect(faults(GOOD, index).symbol).toMatch(/An index cannot be ordered\. Order a future/);
  });

  it("leaves the grid to the service where it is not known", () => {
    expect(faults({ ...GOOD, limit: "227.353" }, null)).toEqual({});
  });

  it("asks for no price that the type does not take", () => {
    expect(faults({ ...GOOD, type: "MKT", limit: "nonsense" }, GRID)).toEqual({});
  });
});

it("sends only the prices of the type", () => {
  expect(bodyOf({ ...GOOD, type: "MKT", stop: "1" })).toMatchObject({ limit_price: null, stop_price: null });
  expect(bodyOf({ ...GOOD, type: "STP LMT", stop: "220" })).toMatchObject({
    limit_price: "227.35",
    stop_price: "220",
  });
});

it("estimates with the price that counts", () => {
  const quote = { bid: 227.3, ask: 227.4, last: 227.35 };
  expect(notional(GOOD, quote, 1)).toBeCloseTo(2273.5);
  expect(notional({ ...GOOD, type: "MKT" }, quote, 1)).toBeCloseTo(2274);
  expect(notional({ ...GOOD, type: "MKT", side: "SELL" }, quote, 50)).toBeCloseTo(113_650);
  expect(notional({ ...GOOD, quantity: "-1" }, quote, 1)).toBeNull();
  expect(notional({ ...GOOD, type: "MKT" }, null, 1)).toBeNull();
});

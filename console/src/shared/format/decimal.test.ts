import { describe, expect, it } from "vitest";
import { neighbours, onGrid, parseDecimal, stepPrice, writeDecimal } from "./decimal";

const CENTS = [{ low_edge: "0", increment: "0.01" }];
const OPTION = [
  { low_edge: "0", increment: "0.05" },
  { low_edge: "3", increment: "0.1" },
];
const PIPS = [{ low_edge: "0", increment: "0.00005" }];

const near = (price: string, grid = CENTS) =>
  neighbours(parseDecimal(price) ?? 0n, grid)?.map((units) => writeDecimal(units));

describe("parseDecimal", () => {
  it.each(["", ".", "-", "1e5", "1,000", "abc", "1.2.3", "0.1234567890123"])("refuses %j", (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it.each([
    ["227.35", "227.35"],
    ["-0.5", "-0.5"],
    [".5", "0.5"],
    ["10.", "10"],
    ["1.10", "1.1"],
  ])("reads %s as %s", (text, written) => {
    expect(writeDecimal(parseDecimal(text) ?? 0n)).toBe(written);
  });
});

it("finds the neighbours of a price off the grid, and a price on it is its own", () => {
  expect(near("227.353")).toEqual(["227.35", "227.36"]);
  expect(near("227.35")).toEqual(["227.35", "227.35"]);
  expect(near("-37.633")).toEqual(["-37.64", "-37.63"]);
  expect(near("1.08423", PIPS)).toEqual(["1.0842", "1.08425"]);
  expect(near("5", [])).toBeUndefined();
});

it("takes the step of the price's own level", () => {
  expect(near("2.07", OPTION)).toEqual(["2.05", "2.1"]);
  expect(near("3.07", OPTION)).toEqual(["3", "3.1"]);
  expect(stepPrice("3", 1, OPTION)).toBe("3.1");
  expect(stepPrice("3", -1, OPTION)).toBe("2.95");
});

it("steps along the grid, and onto it first", () => {
  expect(stepPrice("227.35", 1, CENTS)).toBe("227.36");
  expect(stepPrice("228", -1, CENTS)).toBe("227.99");
  expect(stepPrice("227.353", 1, CENTS)).toBe("227.36");
  expect(stepPrice("227.353", -1, CENTS)).toBe("227.35");
  expect(stepPrice("abc", 1, CENTS)).toBeNull();
});

it("puts a streaming price on the grid without a float's dust", () => {
  expect(onGrid(227.35000000000002, CENTS, "near")).toBe("227.35");
  expect(onGrid(227.1, CENTS, "up")).toBe("227.10");
  expect(onGrid(227.356, CENTS, "down")).toBe("227.35");
  expect(onGrid(12.3, [], "near")).toBe("12.3");
});

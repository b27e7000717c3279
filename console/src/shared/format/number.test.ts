import { describe, expect, it } from "vitest";
import { decimalsOf, formatCompact, formatNumber, formatPercent, formatQuantity, NOTHING } from "./number";

describe("formatNumber", () => {
  it.each([
    ["1234567.891", 2, "1,234,567.89"],
    ["-12.5", 2, "−12.50"],
    [0, 2, "0.00"],
    ["-0.001", 2, "0.00"],
  ] as const)("writes %s with %d digits as %s", (value, digits, text) => {
    expect(formatNumber(value, digits)).toBe(text);
  });

  it.each([null, undefined, "", "abc", Number.NaN])("says that %s is not known", (value) => {
    expect(formatNumber(value)).toBe(NOTHING);
  });

  it("marks gains where asked, and nothing that rounds to zero", () => {
    expect(formatNumber("5", 2, { plus: true })).toBe("+5.00");
    expect(formatNumber("0.001", 2, { plus: true })).toBe("0.00");
  });
});

it("keeps a quantity's own decimals", () => {
  expect(formatQuantity("10")).toBe("10");
  expect(formatQuantity("0.125")).toBe("0.125");
  expect(formatQuantity("-1500")).toBe("−1,500");
});

it("writes percentages from ratios", () => {
  expect(formatPercent(0.01234, 2, { plus: true })).toBe("+1.23%");
  expect(formatPercent(null)).toBe(NOTHING);
});

it.each([
  [950, "950"],
  [12_400, "12.40K"],
  [3_180_000, "3.18M"],
  [182_300_000, "182.3M"],
  [2_500_000_000, "2.50B"],
] as const)("shortens %d to %s", (value, text) => {
  expect(formatCompact(value)).toBe(text);
});

it.each([
  ["0.01", 2],
  [0.25, 2],
  ["0.00005", 5],
  [5e-5, 5],
  ["1", 0],
  [null, 0],
] as const)("finds the decimals of %s", (value, digits) => {
  expect(decimalsOf(value)).toBe(digits);
});

/**
 * Numbers as a trader reads them. What is not known is an en dash, never zero; a loss carries a true minus sign.
 *
 * Amounts come from the service as decimal strings (money) or numbers (ticks); both are taken.
 */
export type Amount = string | number | null | undefined;

export const NOTHING = "–";
const MINUS = "−";

export function numberOf(value: Amount): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = typeof value === "number" ? value : Number(value);
  return Number.isFinite(number) ? number : null;
}

function grouped(value: number, digits: number, least = digits): string {
  return Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: least,
    maximumFractionDigits: digits,
  });
}

function signOf(value: number, digits: number, plus: boolean): string {
  // What rounds to nothing has no sign.
  if (Number(Math.abs(value).toFixed(digits)) === 0) return "";
  return value < 0 ? MINUS : plus ? "+" : "";
}

export function formatNumber(value: Amount, digits = 2, { plus = false } = {}): string {
  const number = numberOf(value);
  return number === null ? NOTHING : signOf(number, digits, plus) + grouped(number, digits);
}

/** A quantity: as many decimals as it has, no more. */
export function formatQuantity(value: Amount, { plus = false } = {}): string {
  const number = numberOf(value);
  return number === null ? NOTHING : signOf(number, 8, plus) + grouped(number, 8, 0);
}

export function formatPercent(ratio: Amount, digits = 2, { plus = false } = {}): string {
  const number = numberOf(ratio);
  return number === null ? NOTHING : `${formatNumber(number * 100, digits, { plus })}%`;
}

/** A large count, short: 12.4K, 3.18M. */
export function formatCompact(value: Amount): string {
  const number = numberOf(value);
  if (number === null) return NOTHING;
  const size = Math.abs(number);
  for (const [limit, unit, suffix] of [
    [999_950_000, 1e9, "B"],
    [999_950, 1e6, "M"],
    [9_999.5, 1e3, "K"],
  ] as const) {
    if (size >= limit) return `${formatNumber(number / unit, number / unit >= 100 ? 1 : 2)}${suffix}`;
  }
  return formatQuantity(Math.round(number));
}

/** How many decimals a tick or a price string shows: "0.01" → 2, 0.25 → 2, 5e-5 → 5. */
export function decimalsOf(value: Amount): number {
  const number = numberOf(value);
  if (number === null) return 0;
  const text = typeof value === "string" && !/e/i.test(value) ? value : number.toFixed(10);
  return (text.split(".")[1] ?? "").replace(/0+$/, "").length;
}

/**
 * Prices on the instrument's grid, in exact decimals: text in, text out, no floats between.
 *
 * A price is held as an integer of 10^-SCALE; that is finer than the tick of anything that trades.
 */
const SCALE = 12;
const ONE = 10n ** BigInt(SCALE);

export interface Increment {
  readonly low_edge: string;
  readonly increment: string;
}

/** The number, or null where the text is not a plain decimal. */
export function parseDecimal(text: string): bigint | null {
  const match = /^([+-])?(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign, whole = "", part = ""] = match;
  if (whole + part === "" || part.length > SCALE) return null;
  const units = BigInt(whole || "0") * ONE + BigInt(part.padEnd(SCALE, "0"));
  return sign === "-" ? -units : units;
}

/** The number as text, with at least `digits` decimals. */
export function writeDecimal(units: bigint, digits = 0): string {
  const size = units < 0n ? -units : units;
  const part = (size % ONE).toString().padStart(SCALE, "0").replace(/0+$/, "").padEnd(digits, "0");
  return `${units < 0n ? "-" : ""}${size / ONE}${part ? `.${part}` : ""}`;
}

/** The step of prices at this level: from each edge upward its own. */
export function tickAt(price: bigint, increments: readonly Increment[]): bigint | null {
  let tick: bigint | null = null;
  let edge = -1n;
  const size = price < 0n ? -price : price;
  for (const { low_edge, increment } of increments) {
    const from = parseDecimal(low_edge);
    const step = parseDecimal(increment);
    if (from === null || step === null || step <= 0n) continue;
    if (from <= size && from > edge) [tick, edge] = [step, from];
  }
  return tick;
}

/** The nearest prices on the grid, below and above; equal where the price is on it. Null: the grid is not known. */
export function neighbours(price: bigint, increments: readonly Increment[]): [bigint, bigint] | null {
  const tick = tickAt(price, increments);
  if (tick === null) return null;
  const rest = ((price % tick) + tick) % tick;
  return rest === 0n ? [price, price] : [price - rest, price - rest + tick];
}

/** The next price on the grid in a direction. */
export function stepPrice(text: string, direction: 1 | -1, increments: readonly Increment[]): string | null {
  const price = parseDecimal(text);
  const near = price === null ? null : neighbours(price, increments);
  if (price === null || near === null) return null;
  const tick = tickAt(direction < 0 ? price - 1n : price, increments);
  if (tick === null) return null;
  const [below, above] = near;
  if (below !== above) return writeDecimal(direction > 0 ? above : below, digitsOf(tick));
  return writeDecimal(price + BigInt(direction) * tick, digitsOf(tick));
}

/** A streaming price, rounded to the grid in a direction, as text for an order. */
export function onGrid(
  price: number,
  increments: readonly Increment[],
  side: "down" | "up" | "near",
): string {
  const units = parseDecimal(price.toFixed(8)) ?? 0n;
  const tick = tickAt(units, increments);
  const near = neighbours(units, increments);
  if (!near || tick === null) return String(price);
  const [below, above] = near;
  const chosen =
    side === "down" ? below : side === "up" ? above : units - below <= above - units ? below : above;
  return writeDecimal(chosen, digitsOf(tick));
}

/** How many decimals a step needs. */
export function digitsOf(tick: bigint): number {
  return (writeDecimal(tick).split(".")[1] ?? "").length;
}

/** The number some steps on; as it was where that is not above zero or no number is there. */
export function steppedBy(text: string, steps: number, increment = "1"): string {
  const step = parseDecimal(increment);
  const now = parseDecimal(text || "0");
  if (now === null || step === null || step <= 0n) return text;
  const next = now + BigInt(steps) * step;
  return next > 0n ? writeDecimal(next) : text;
}

/**
 * What is being written in the ticket: the words of a person, field by field, before any of them is an order.
 *
 * What a type has no field for stays in the draft and out of the order, so that trying another type loses nothing.
 */
import type { OrderType, Side, TimeInForce } from "@/shared/api/types";
import { parseDecimal } from "@/shared/format/decimal";
import { BASIC, type Rules, rowOf } from "./rules";

export type ConditionKind = "price" | "time" | "margin" | "volume" | "change" | "execution";

export interface ConditionDraft {
  readonly id: number;
  readonly kind: ConditionKind;
  readonly symbol: string;
  readonly above: boolean;
  readonly value: string;
  readonly moment: string;
}

export interface Draft {
  readonly symbol: string;
  readonly side: Side;
  readonly sizing: "units" | "cash";
  readonly quantity: string;
  readonly cash: string;
  readonly type: OrderType;
  readonly limit: string;
  readonly stop: string;
  readonly trailAmount: string;
  readonly trailPercent: string;
  readonly limitOffset: string;
  readonly offset: string;
  readonly timeInForce: TimeInForce;
  readonly goodTill: string;
  readonly goodAfter: string;
  readonly outsideHours: boolean;
  /** What goes out beside the order: exits of its fill, or another order that its fill cancels. */
  readonly beside: "nothing" | "exits" | "alternative";
  readonly takeProfit: string;
  readonly stopLoss: string;
  readonly otherSide: Side;
  readonly otherLimit: string;
  readonly otherStop: string;
  readonly conditions: readonly ConditionDraft[];
  readonly conditionsJoin: "all" | "any";
  readonly conditionsCancel: boolean;
  readonly algorithm: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly displaySize: string;
  readonly minQuantity: string;
  readonly discretionary: string;
  readonly allOrNone: boolean;
  readonly hidden: boolean;
  readonly triggerMethod: Rules["trigger_methods"][number];
}

export const EMPTY: Draft = {
  symbol: "",
  side: "BUY",
  sizing: "units",
  quantity: "",
  cash: "",
  type: "LMT",
  limit: "",
  stop: "",
  trailAmount: "",
  trailPercent: "",
  limitOffset: "",
  offset: "",
  timeInForce: "DAY",
  goodTill: "",
  goodAfter: "",
  outsideHours: false,
  beside: "nothing",
  takeProfit: "",
  stopLoss: "",
  otherSide: "BUY",
  otherLimit: "",
  otherStop: "",
  conditions: [],
  conditionsJoin: "all",
  conditionsCancel: false,
  algorithm: "",
  parameters: {},
  displaySize: "",
  minQuantity: "",
  discretionary: "",
  allOrNone: false,
  hidden: false,
  triggerMethod: "default",
};

/** What is written anew for each instrument: prices, and what hangs on them. */
export const PRICELESS: Partial<Draft> = {
  limit: "",
  stop: "",
  trailAmount: "",
  limitOffset: "",
  offset: "",
  takeProfit: "",
  stopLoss: "",
  otherLimit: "",
  otherStop: "",
  discretionary: "",
};

export type PriceField = "limit" | "stop" | "trailAmount" | "trailPercent" | "limitOffset" | "offset";
export type PriceName =
  | "limit_price"
  | "stop_price"
  | "trail_amount"
  | "trail_percent"
  | "limit_offset"
  | "offset";

/** The service's price fields: where each is in the draft, its label, and whether it lies on the price grid. */
export const PRICES: Record<PriceName, { field: PriceField; label: string; onGrid: boolean }> = {
  stop_price: { field: "stop", label: "Stop price", onGrid: true },
  trail_amount: { field: "trailAmount", label: "Trailing amount", onGrid: true },
  trail_percent: { field: "trailPercent", label: "Trailing per cent", onGrid: false },
  limit_offset: { field: "limitOffset", label: "Limit offset", onGrid: true },
  offset: { field: "offset", label: "Offset", onGrid: true },
  limit_price: { field: "limit", label: "Limit price", onGrid: true },
};

export const PRICE_NAMES = Object.keys(PRICES) as PriceName[];

/** About what the order is worth, in the instrument's currency; null while that cannot be said. */
export function notional(
  draft: Draft,
  quote: { bid: number | null; ask: number | null; last: number | null } | null,
  multiplier: number,
  rules: Rules = BASIC,
): number | null {
  if (draft.sizing === "cash") return parseDecimal(draft.cash) === null ? null : Number(draft.cash);
  const market = (draft.side === "BUY" ? quote?.ask : quote?.bid) ?? quote?.last ?? null;
  const { prices } = rowOf(rules, draft.type);
  const text =
    prices.limit_price === "required" ? draft.limit : prices.stop_price === "required" ? draft.stop : null;
  const price = text === null ? market : parseDecimal(text) === null ? null : Number(text);
  const quantity = parseDecimal(draft.quantity) === null ? null : Number(draft.quantity);
  if (price === null || quantity === null || quantity <= 0) return null;
  return price * quantity * multiplier;
}

/**
 * What is being written in the ticket, and whether it can be an order.
 *
 * The checks here only save a round trip: the service checks everything again. Each says what is wrong and what to do.
 */
import type { ContractView, OrderCreate, OrderType, Side, TimeInForce } from "@/shared/api/types";
import { digitsOf, neighbours, parseDecimal, tickAt, writeDecimal } from "@/shared/format/decimal";

export interface Draft {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly type: OrderType;
  readonly limit: string;
  readonly stop: string;
  readonly timeInForce: TimeInForce;
  readonly outsideHours: boolean;
}

export type Field = "symbol" | "quantity" | "limit" | "stop";

export const EMPTY: Draft = {
  symbol: "",
  side: "BUY",
  quantity: "",
  type: "LMT",
  limit: "",
  stop: "",
  timeInForce: "DAY",
  outsideHours: false,
};

export const needsLimit = (type: OrderType) => type === "LMT" || type === "STP LMT";
export const needsStop = (type: OrderType) => type === "STP" || type === "STP LMT";

/** What is known of the instrument: its steps, and whether it can be ordered at all. */
export type Grid = Pick<ContractView, "increments"> &
  Partial<Pick<ContractView, "size_increment" | "instrument">>;

/** What stands in the way, by field; empty where nothing does. */
export function faults(draft: Draft, grid: Grid | null): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  if (!draft.symbol) found.symbol = "Name what to trade: AAPL, EURUSD, or ESZ6 for a future.";
  else if (grid?.instrument?.kind === "IND") {
    found.symbol = "An index cannot be ordered. Order a future, an option or a fund on it.";
  }
  const quantity = faultOfQuantity(draft.quantity, grid);
  if (quantity) found.quantity = quantity;
  if (needsLimit(draft.type)) {
    const limit = faultOfPrice(draft.limit, "limit price", grid);
    if (limit) found.limit = limit;
  }
  if (needsStop(draft.type)) {
    const stop = faultOfPrice(draft.stop, "stop price", grid);
    if (stop) found.stop = stop;
  }
  return found;
}

function faultOfQuantity(text: string, grid: Grid | null): string | null {
  if (!text.trim()) return "Give how many units to trade.";
  const quantity = parseDecimal(text);
  if (quantity === null) return `“${text.trim()}” is not a number. Write it like 100 or 0.5.`;
  if (quantity < 0n) return "The quantity must be positive. To sell, choose Sell instead of a minus sign.";
  if (quantity === 0n) return "The quantity must be more than zero.";
  const step = parseDecimal(grid?.size_increment ?? "");
  if (step !== null && step > 0n && quantity % step !== 0n) {
    return `This trades in steps of ${writeDecimal(step)}.`;
  }
  return null;
}

function faultOfPrice(text: string, name: string, grid: Grid | null): string | null {
  if (!text.trim()) return `Give a ${name}.`;
  const price = parseDecimal(text);
  if (price === null) return `“${text.trim()}” is not a price. Write it like 227.35.`;
  const near = grid && neighbours(price, grid.increments);
  const tick = grid && tickAt(price, grid.increments);
  if (!near || !tick || near[0] === near[1]) return null;
  const [below, above] = near.map((units) => writeDecimal(units, digitsOf(tick)));
  return `Prices move in steps of ${writeDecimal(tick)} here. Use ${below} or ${above}.`;
}

/** The request for this draft. */
export function bodyOf(draft: Draft): OrderCreate {
  return {
    symbol: draft.symbol,
    side: draft.side,
    quantity: draft.quantity.trim(),
    order_type: draft.type,
    limit_price: needsLimit(draft.type) ? draft.limit.trim() : null,
    stop_price: needsStop(draft.type) ? draft.stop.trim() : null,
    time_in_force: draft.timeInForce,
    outside_hours: draft.outsideHours,
    all_or_none: false,
    hidden: false,
    trigger_method: "default",
    guaranteed: true,
    strategy: "console",
  };
}

/** About what the order is worth, in the instrument's currency; null while that cannot be said. */
export function notional(
  draft: Draft,
  quote: { bid: number | null; ask: number | null; last: number | null } | null,
  multiplier: number,
): number | null {
  const market = (draft.side === "BUY" ? quote?.ask : quote?.bid) ?? quote?.last ?? null;
  const text = needsLimit(draft.type) ? draft.limit : needsStop(draft.type) ? draft.stop : null;
  const price = text === null ? market : parseDecimal(text) === null ? null : Number(text);
  const quantity = parseDecimal(draft.quantity) === null ? null : Number(draft.quantity);
  if (price === null || quantity === null || quantity <= 0) return null;
  return price * quantity * multiplier;
}

/** Orders in words. */
import type { OrderType, OrderView, Side, TimeInForce } from "@/shared/api/types";
import { formatQuantity } from "@/shared/format/number";

interface Shape {
  readonly side: Side;
  readonly quantity?: string | number | null;
  readonly cash_quantity?: string | number | null;
  readonly symbol: string;
  readonly order_type?: OrderType | null;
  readonly limit_price?: string | number | null;
  readonly stop_price?: string | number | null;
  readonly trail_amount?: string | number | null;
  readonly trail_percent?: string | number | null;
  readonly limit_offset?: string | number | null;
  readonly offset?: string | number | null;
  readonly time_in_force?: TimeInForce | null;
}

/** "Buy 10 AAPL, limit 227.35" */
export function describe(order: Shape): string {
  const verb = order.side === "BUY" ? "Buy" : "Sell";
  return `${verb} ${sizeWords(order)} ${order.symbol}, ${priceWords(order)}`;
}

/** "10", or "1,000 in cash" */
export function sizeWords({ quantity, cash_quantity }: Pick<Shape, "quantity" | "cash_quantity">): string {
  return cash_quantity ? `${formatQuantity(cash_quantity)} in cash of` : formatQuantity(quantity);
}

/** "limit 227.35", "stop 220 limit 219.5", "at market" */
export function priceWords(order: Shape): string {
  const { order_type, limit_price, stop_price, trail_amount, trail_percent, limit_offset, offset } = order;
  const cap = limit_price ? `, limit ${limit_price}` : "";
  const distance = trail_percent ? `${trail_percent} %` : trail_amount;
  switch (order_type) {
    case "TRAIL":
      return `trailing stop by ${distance}`;
    case "TRAIL LIMIT":
      return `trailing stop by ${distance}, limit offset ${limit_offset}`;
    case "MIT":
      return `if touched ${stop_price}`;
    case "LIT":
      return `if touched ${stop_price}, limit ${limit_price}`;
    case "MOC":
      return "at market on close";
    case "LOC":
      return `limit ${limit_price} on close`;
    case "MTL":
      return "market to limit";
    case "REL":
      return `relative, offset ${offset}${cap}`;
    case "PEG MID":
      return `pegged to midpoint, offset ${offset}${cap}`;
    case "MIDPRICE":
      return `midprice${cap}`;
    case "LMT":
      return `limit ${limit_price}`;
    case "STP":
      return `stop ${stop_price}`;
    case "STP LMT":
      return `stop ${stop_price}, limit ${limit_price}`;
    case "MKT":
    case null:
    case undefined:
      return "at market";
    default:
      return order_type;
  }
}

/** What an order is in its group. */
export const ROLES: Record<NonNullable<OrderView["role"]>, string> = {
  entry: "entry",
  tp: "take profit",
  sl: "stop loss",
  member: "one cancels all",
};

export const TIMES: Record<TimeInForce, { label: string; means: string }> = {
  DAY: { label: "Day", means: "Stands until the session ends" },
  GTC: { label: "GTC", means: "Stands until it is cancelled" },
  IOC: { label: "IOC", means: "Trades at once what it can; the rest is cancelled" },
  FOK: { label: "FOK", means: "Trades at once and whole, or not at all" },
  GTD: { label: "GTD", means: "Stands until the time that it names" },
  OPG: { label: "On open", means: "Trades in the opening auction" },
};

/** How much of it is done, from 0 to 1. */
export function progress({ filled, quantity }: Pick<OrderView, "filled" | "quantity">): number {
  const whole = Number(quantity);
  return whole > 0 ? Math.min(1, Number(filled) / whole) : 0;
}

export const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** What of an order can be changed here, and what of it is to change. */
import type { OrderView } from "@/shared/api/types";

export type Name = "quantity" | "limit_price" | "stop_price" | "trail_amount" | "trail_percent";
export type Terms = Partial<Record<Name, string>>;

const LABELS: Record<Name, string> = {
  quantity: "Quantity",
  limit_price: "Limit price",
  stop_price: "Stop price",
  trail_amount: "Trails by",
  trail_percent: "Trails by, %",
};

/** The broker is known to hold it, and no other change of it is under way. */
export function canModify(order: OrderView): boolean {
  return (order.state === "accepted" || order.state === "working") && order.pending === null;
}

/** The fields that the order has. A trailing stop's own price is moved by the broker. */
export function editableOf(order: OrderView): { name: Name; label: string }[] {
  const trails = order.trail_amount !== null || order.trail_percent !== null;
  return (Object.keys(LABELS) as Name[])
    .filter((name) => order[name] !== null && !(trails && name === "stop_price"))
    .filter((name) => name !== "quantity" || order.cash_quantity === null)
    .map((name) => ({ name, label: LABELS[name] }));
}

/** What differs from the order as it stands; numbers that are written otherwise and mean the same do not. */
export function changesOf(order: OrderView, terms: Terms): Terms {
  const entries = Object.entries(terms) as [Name, string][];
  return Object.fromEntries(
    entries
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(
        ([name, value]) => value !== "" && value !== order[name] && Number(value) !== Number(order[name]),
      ),
  );
}

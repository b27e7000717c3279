/** From what was written to what is asked for: only the fields that the type, the time and the tables have. */

import type { components } from "@/shared/api/schema";
import type { OrderCreate } from "@/shared/api/types";
import { type ConditionDraft, type Draft, PRICE_NAMES, PRICES } from "./draft";
import { BASIC, goes, type Rules, rowOf } from "./rules";

type Schemas = components["schemas"];
type Terms = Schemas["ExitTerms"];

/** What goes out with the order, under its key. */
export type Beside =
  | { readonly kind: "exits"; readonly take_profit: Terms | null; readonly stop_loss: Terms | null }
  | { readonly kind: "alternative"; readonly other: Schemas["OcaOrder"] };

const PLAIN = {
  outside_hours: false,
  all_or_none: false,
  hidden: false,
  trigger_method: "default",
  guaranteed: true,
} as const;

const filled = (text: string) => text.trim() || null;
const moment = (text: string) => (text ? new Date(text).toISOString() : null);

/** The request for this draft. */
export function bodyOf(draft: Draft, rules: Rules = BASIC): OrderCreate {
  const { prices } = rowOf(rules, draft.type);
  const cash = draft.sizing === "cash";
  const has = (field: string) => goes(rules, field, draft);
  return {
    ...PLAIN,
    symbol: draft.symbol,
    side: draft.side,
    quantity: cash ? null : draft.quantity.trim(),
    cash_quantity: cash ? draft.cash.trim() : null,
    order_type: draft.type,
    ...(Object.fromEntries(
      PRICE_NAMES.map((name) => [name, prices[name] ? filled(draft[PRICES[name].field]) : null]),
    ) as Pick<OrderCreate, "limit_price" | "stop_price">),
    time_in_force: draft.timeInForce,
    good_till: draft.timeInForce === "GTD" ? moment(draft.goodTill) : null,
    good_after: has("good_after") ? moment(draft.goodAfter) : null,
    // Until the tables have come the box is on show, and what it says is sent.
    outside_hours: draft.outsideHours && (rules === BASIC || has("outside_hours")),
    conditions: has("conditions") ? conditionsOf(draft) : null,
    algorithm: has("algorithm") && draft.algorithm ? algorithmOf(draft, rules) : null,
    display_size: has("display_size") ? whole(draft.displaySize) : null,
    min_quantity: has("min_quantity") ? whole(draft.minQuantity) : null,
    discretionary_amount: has("discretionary_amount") ? filled(draft.discretionary) : null,
    all_or_none: has("all_or_none") && draft.allOrNone,
    hidden: has("hidden") && draft.hidden,
    trigger_method: has("trigger_method") ? draft.triggerMethod : "default",
    strategy: "console",
  };
}

/** The orders that go with it; undefined where it goes alone. */
export function besideOf(draft: Draft): Beside | undefined {
  if (draft.beside === "exits") {
    return {
      kind: "exits",
      take_profit: draft.takeProfit.trim() ? { ...PLAIN, limit_price: draft.takeProfit.trim() } : null,
      stop_loss: draft.stopLoss.trim() ? { ...PLAIN, stop_price: draft.stopLoss.trim() } : null,
    };
  }
  if (draft.beside !== "alternative") return undefined;
  return {
    kind: "alternative",
    other: {
      ...PLAIN,
      symbol: draft.symbol,
      side: draft.otherSide,
      quantity: draft.quantity.trim(),
      limit_price: filled(draft.otherLimit),
      stop_price: filled(draft.otherStop),
      time_in_force: draft.timeInForce === "GTC" ? "GTC" : "DAY",
    },
  };
}

function whole(text: string): number | null {
  return text.trim() ? Number(text) : null;
}

function conditionsOf({ conditions, conditionsJoin, conditionsCancel, outsideHours }: Draft) {
  const all = conditions.map(conditionOf);
  if (!all.length) return null;
  // "All of `together`, or any one of `alone`": with any of them enough, the first stands together with itself.
  const [together, alone] = conditionsJoin === "all" ? [all, []] : [all.slice(0, 1), all.slice(1)];
  return { together, alone, cancel: conditionsCancel, outside_hours: outsideHours };
}

function conditionOf({ kind, symbol, above, value, moment: when }: ConditionDraft): Schemas["ConditionIn"] {
  return {
    kind,
    above,
    method: "default",
    symbol: kind === "time" || kind === "margin" ? null : symbol.trim(),
    value: kind === "time" || kind === "execution" ? null : value.trim(),
    moment: kind === "time" ? moment(when) : null,
  };
}

function algorithmOf({ algorithm, parameters }: Draft, rules: Rules) {
  const known = rules.algorithms.find(({ name }) => name === algorithm)?.parameters ?? [];
  const given = known.flatMap(({ tag }) => {
    const value = parameters[tag]?.trim();
    return value ? [[tag, value] as const] : [];
  });
  return { name: algorithm, parameters: Object.fromEntries(given) };
}

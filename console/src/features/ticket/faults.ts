/**
 * Whether a draft can be an order: what stands in the way, at the field where it does.
 *
 * These checks only save a round trip: the service checks everything again. Each says what is wrong and what to do.
 */
import type { ContractView } from "@/shared/api/types";
import { digitsOf, neighbours, parseDecimal, tickAt, writeDecimal } from "@/shared/format/decimal";
import { type ConditionDraft, type Draft, PRICE_NAMES, PRICES } from "./draft";
import { BASIC, goes, type Rules, rowOf } from "./rules";

/** A field of the draft, a condition (`condition 3`) or an algorithm's parameter (`parameter maxPctVol`). */
export type Field = keyof Draft | `condition ${number}` | `parameter ${string}`;
export type Faults = Partial<Record<Field, string>>;

/** What is known of the instrument: its steps, and whether it can be ordered at all. */
export type Grid = Pick<ContractView, "increments"> &
  Partial<Pick<ContractView, "size_increment" | "instrument">>;

/** What stands in the way, by field; empty where nothing does. */
export function faults(draft: Draft, grid: Grid | null, rules: Rules = BASIC): Faults {
  const found: Faults = {};
  const note = (field: Field, fault: string | null) => {
    if (fault) found[field] = fault;
  };
  if (!draft.symbol) found.symbol = "Name what to trade: AAPL, EURUSD, or ESZ6 for a future.";
  else if (grid?.instrument?.kind === "IND") {
    found.symbol = "An index cannot be ordered. Order a future, an option or a fund on it.";
  }
  if (draft.sizing === "cash") note("cash", faultOfAmount(draft.cash, "how much money to trade for"));
  else note("quantity", faultOfQuantity(draft.quantity, grid, rowOf(rules, draft.type).fractions));
  Object.assign(found, faultsOfPrices(draft, grid, rules));
  if (draft.timeInForce === "GTD") note("goodTill", faultOfMoment(draft.goodTill));
  if (draft.goodAfter) note("goodAfter", faultOfMoment(draft.goodAfter));
  Object.assign(found, faultsOfBeside(draft, grid));
  if (goes(rules, "conditions", draft)) {
    for (const each of draft.conditions) note(`condition ${each.id}`, faultOfCondition(each));
  }
  const algorithm = rules.algorithms.find(({ name }) => name === draft.algorithm);
  if (algorithm && goes(rules, "algorithm", draft)) {
    for (const { tag, required } of algorithm.parameters) {
      if (required && !draft.parameters[tag]?.trim())
        found[`parameter ${tag}`] = `${algorithm.name} needs this.`;
    }
  }
  for (const field of ["displaySize", "minQuantity"] as const) {
    if (draft[field].trim() && !/^[1-9]\d*$/.test(draft[field].trim()))
      found[field] = "Give a whole number of units.";
  }
  if (draft.discretionary.trim())
    note("discretionary", faultOfPrice(draft.discretionary, "discretionary amount", grid));
  return found;
}

function faultsOfPrices(draft: Draft, grid: Grid | null, rules: Rules): Faults {
  const found: Faults = {};
  const { prices } = rowOf(rules, draft.type);
  const eithers = PRICE_NAMES.filter((name) => prices[name] === "one_of");
  const given = eithers.filter((name) => draft[PRICES[name].field].trim());
  for (const name of PRICE_NAMES) {
    const need = prices[name];
    const { field, label, onGrid } = PRICES[name];
    if (!need || (need !== "required" && !draft[field].trim())) continue;
    const fault = faultOfPrice(draft[field], label.toLowerCase(), onGrid ? grid : null);
    if (fault) found[field] = fault;
  }
  const words = eithers.map((name) => PRICES[name].label.toLowerCase()).join(" or a ");
  const [first] = eithers;
  const second = given[1];
  if (first && !given.length) found[PRICES[first].field] = `Give a ${words}.`;
  if (second) found[PRICES[second].field] = `Give only one: a ${words}.`;
  return found;
}

function faultsOfBeside(draft: Draft, grid: Grid | null): Faults {
  const found: Faults = {};
  const fields = {
    nothing: [],
    exits: ["takeProfit", "stopLoss"],
    alternative: ["otherLimit", "otherStop"],
  } as const;
  for (const field of fields[draft.beside]) {
    const fault = draft[field].trim() ? faultOfPrice(draft[field], "price", grid) : null;
    if (fault) found[field] = fault;
  }
  if (draft.beside === "exits" && !draft.takeProfit.trim() && !draft.stopLoss.trim())
    found.takeProfit = "Give a take profit, a stop loss, or both.";
  if (draft.beside === "alternative" && !draft.otherLimit.trim() && !draft.otherStop.trim())
    found.otherLimit = "Give a limit price, a stop price, or both.";
  if (draft.beside !== "nothing" && draft.sizing === "cash")
    found.cash = "An order for money takes no other beside it. Give a quantity.";
  return found;
}

function faultOfCondition({ kind, symbol, value, moment }: ConditionDraft): string | null {
  if (kind === "time") return faultOfMoment(moment);
  if (kind !== "margin" && !symbol.trim()) return "Name whose it is: a symbol.";
  if (kind === "execution") return null;
  if (!value.trim()) return "Give the value that it is held against.";
  return parseDecimal(value) === null ? `“${value.trim()}” is not a number.` : null;
}

function faultOfMoment(text: string): string | null {
  const moment = new Date(text);
  if (!text || Number.isNaN(moment.getTime())) return "Give a day and a time.";
  return moment.getTime() <= Date.now() ? "That has passed. Give a later time." : null;
}

function faultOfAmount(text: string, what: string): string | null {
  if (!text.trim()) return `Give ${what}.`;
  const amount = parseDecimal(text);
  if (amount === null) return `“${text.trim()}” is not a number. Write it like 100 or 0.5.`;
  return amount <= 0n ? "It must be more than zero." : null;
}

function faultOfQuantity(text: string, grid: Grid | null, fractions: boolean): string | null {
  if (!text.trim()) return "Give how many units to trade.";
  const quantity = parseDecimal(text);
  if (quantity === null) return `“${text.trim()}” is not a number. Write it like 100 or 0.5.`;
  if (quantity < 0n) return "The quantity must be positive. To sell, choose Sell instead of a minus sign.";
  if (quantity === 0n) return "The quantity must be more than zero.";
  const step = parseDecimal(grid?.size_increment ?? "");
  if (step !== null && step > 0n && quantity % step !== 0n) {
    return `This trades in steps of ${writeDecimal(step)}.`;
  }
  return !fractions && !Number.isInteger(Number(text)) && grid?.instrument?.kind === "STK"
    ? "This type trades whole shares only."
    : null;
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

/** Where in the ticket a field of the service is. */
const PLACES: Record<string, Field> = {
  symbol: "symbol",
  instrument: "symbol",
  quantity: "quantity",
  cash_quantity: "cash",
  order_type: "type",
  time_in_force: "timeInForce",
  good_till: "goodTill",
  good_after: "goodAfter",
  outside_hours: "outsideHours",
  conditions: "conditions",
  algo: "algorithm",
  algorithm: "algorithm",
  display_size: "displaySize",
  min_quantity: "minQuantity",
  discretionary_amount: "discretionary",
  all_or_none: "allOrNone",
  hidden: "hidden",
  trigger_method: "triggerMethod",
  take_profit: "takeProfit",
  stop_loss: "stopLoss",
};

/** The ticket's field that the service's refusal names, if it names one. */
export function placeOf(field: unknown): Field | null {
  if (typeof field !== "string") return null;
  const name = field.replace(/^body\./, "").split(".")[0] ?? "";
  if (name in PRICES) return PRICES[name as keyof typeof PRICES].field;
  return PLACES[name] ?? null;
}

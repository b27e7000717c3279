/** The limits as people write them: names, units, and the way between the form's text and the service's body. */
import type { RiskLimits, RiskLimitsBody } from "@/shared/api/types";
import { formatQuantity } from "@/shared/format/number";

export type Draft = Readonly<Record<string, string>>;

export interface LimitWords {
  readonly name: keyof RiskLimitsBody;
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
}

/** In the order in which they stand in the form. */
export const AMOUNTS: readonly LimitWords[] = [
  {
    name: "max_quantity",
    label: "Order quantity",
    unit: "units",
    hint: "The largest quantity of one order.",
  },
  {
    name: "max_notional",
    label: "Order value",
    unit: "instrument's currency",
    hint: "Quantity times price times multiplier of one order.",
  },
  {
    name: "max_position",
    label: "Position",
    unit: "units",
    hint: "In one contract, long or short, with everything open on that side filled.",
  },
  {
    name: "max_exposure",
    label: "Exposure",
    unit: "base currency",
    hint: "Absolute market values of all that is held and open.",
  },
  {
    name: "price_collar",
    label: "Price collar",
    unit: "%",
    hint: "How far beyond the market an order's price may be.",
  },
  { name: "max_open_orders", label: "Open orders", unit: "orders", hint: "Open at one time." },
  {
    name: "order_rate",
    label: "Order rate",
    unit: "count / seconds",
    hint: "10/60 is ten new orders a minute.",
  },
  {
    name: "duplicate_window",
    label: "Repeated order",
    unit: "s",
    hint: "The same order under another key, so soon, is taken for a mistake.",
  },
  {
    name: "max_quote_age",
    label: "Quote age",
    unit: "s",
    hint: "Older, delayed or doubtful quotes are refused.",
  },
  {
    name: "min_buying_power",
    label: "Buying power left",
    unit: "base currency",
    hint: "After the full value of the order and of all that is open.",
  },
  {
    name: "max_daily_loss",
    label: "Daily loss",
    unit: "base currency",
    hint: "At it, no new risk is taken until the day is over in New York.",
  },
];

export const LISTS: readonly LimitWords[] = [
  { name: "allowed", label: "Allowed", unit: "", hint: "AAPL, OPT:SPY, FUT:*; empty allows all." },
  { name: "denied", label: "Denied", unit: "", hint: "What may not be traded." },
];

export const ACTIONS = {
  refuse: "Refuse new risk",
  cancel: "…and cancel open orders",
  close: "…and close positions",
} as const;

/** The form's text for a scope's limits; null begins a scope without any. */
export function draftOf(limits: RiskLimits | null): Draft {
  const draft: Record<string, string> = {
    market_hours: "",
    block_on_unexplained: "",
    on_daily_loss: "refuse",
  };
  for (const { name } of [...AMOUNTS, ...LISTS]) draft[name] = limits ? textOf(limits, name) : "";
  if (limits) {
    draft.market_hours = limits.market_hours ? "on" : "";
    draft.block_on_unexplained = limits.block_on_unexplained ? "on" : "";
    draft.on_daily_loss = limits.on_daily_loss;
  }
  return draft;
}

function textOf(limits: RiskLimits, name: keyof RiskLimitsBody): string {
  const value = limits[name];
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object") return `${value.count}/${value.seconds}`;
  return String(value);
}

/** What the form says, as the service takes it; what cannot be read goes out as it stands, and the service says why not. */
export function bodyOf(draft: Draft): RiskLimitsBody {
  const body: Record<string, unknown> = {
    market_hours: draft.market_hours === "on",
    block_on_unexplained: draft.block_on_unexplained === "on",
    on_daily_loss: draft.on_daily_loss,
  };
  for (const { name } of AMOUNTS) {
    const text = (draft[name] ?? "").trim().replaceAll(",", "");
    body[name] = text === "" ? null : text;
  }
  if (typeof body.max_open_orders === "string" && /^\d+$/.test(body.max_open_orders)) {
    body.max_open_orders = Number(body.max_open_orders);
  }
  const rate = /^(\d+)\s*\/\s*(\S+)$/.exec(String(body.order_rate ?? ""));
  if (rate) body.order_rate = { count: Number(rate[1]), seconds: rate[2] };
  for (const { name } of LISTS) {
    const parts = (draft[name] ?? "").split(",").map((part) => part.trim());
    body[name] = parts.filter((part) => part !== "");
  }
  return body as RiskLimitsBody;
}

const readable = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? formatQuantity(text) : text);

/** What is set, in words, for a row of the table. */
export function wordsOf(limits: RiskLimits): { label: string; value: string }[] {
  const words = [...AMOUNTS, ...LISTS]
    .map(({ name, label, unit }) => ({ label, text: textOf(limits, name), unit: unit === "%" ? " %" : "" }))
    .filter(({ text }) => text !== "")
    .map(({ label, text, unit }) => ({ label, value: readable(text) + unit }));
  if (limits.market_hours) words.push({ label: "Market hours", value: "only" });
  if (limits.block_on_unexplained) words.push({ label: "Unexplained positions", value: "block" });
  if (limits.max_daily_loss !== null && limits.on_daily_loss !== "refuse") {
    words.push({
      label: "At the daily loss",
      value: limits.on_daily_loss === "cancel" ? "cancel orders" : "close all",
    });
  }
  return words;
}

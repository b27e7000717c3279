import type { ReactNode } from "react";
import { priceWords } from "@/features/orders/words";
import type { OrderCreate } from "@/shared/api/types";
import { formatMoment } from "@/shared/format/time";
import type { Beside } from "./body";

/** What the order has beside its price and time in force, one row each: nothing that is sent goes unread. */
export function TermRows({ body, beside }: { body: OrderCreate; beside: Beside | undefined }) {
  const rows: [string, string | number | null | undefined | false][] = [
    ["Stands until", body.good_till && formatMoment(body.good_till)],
    ["Begins at", body.good_after && formatMoment(body.good_after)],
    ["Take profit", beside?.kind === "exits" && beside.take_profit?.limit_price],
    ["Stop loss", beside?.kind === "exits" && beside.stop_loss?.stop_price],
    ["Or instead", beside?.kind === "alternative" && otherWords(beside.other)],
    ["Conditions", conditionWords(body)],
    ["Algorithm", algorithmWords(body)],
    ["Shown size", body.display_size],
    ["Minimum fill", body.min_quantity],
    ["Discretion", body.discretionary_amount],
    ["All or none", body.all_or_none && "yes"],
    ["Hidden", body.hidden && "yes"],
    ["Set off by", body.trigger_method !== "default" && body.trigger_method.replaceAll("_", " ")],
  ];
  return rows.map(([name, value]) =>
    value ? (
      <Row key={name} name={name}>
        {value}
      </Row>
    ) : null,
  );
}

export function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-3">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 text-right font-medium break-words">{children}</dd>
    </div>
  );
}

function otherWords({ side, limit_price, stop_price, symbol }: (Beside & { kind: "alternative" })["other"]) {
  const order_type = limit_price && stop_price ? "STP LMT" : limit_price ? "LMT" : "STP";
  const verb = side === "BUY" ? "buy" : "sell";
  return `${verb} ${priceWords({ side, symbol, order_type, limit_price: limit_price ?? null, stop_price: stop_price ?? null })}`;
}

function conditionWords({ conditions }: OrderCreate): string | false {
  if (!conditions) return false;
  const { together, alone = [], cancel } = conditions;
  const words = [...together, ...alone].map(({ kind, symbol, above, value, moment }) =>
    kind === "time"
      ? `${above ? "after" : "before"} ${formatMoment(moment ?? "")}`
      : kind === "execution"
        ? `a fill of ${symbol}`
        : `${symbol ? `${symbol} ` : ""}${kind} ${above ? "≥" : "≤"} ${value}`,
  );
  return `${cancel ? "cancelled " : ""}when ${words.join(alone.length ? " or " : " and ")}`;
}

function algorithmWords({ algorithm }: OrderCreate): string | false {
  if (!algorithm) return false;
  const parameters = Object.entries(algorithm.parameters ?? {}).map(([tag, value]) => `${tag} ${value}`);
  return [algorithm.name, ...parameters].join(", ");
}

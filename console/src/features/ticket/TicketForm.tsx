import { type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { useObstacle } from "@/features/connection/useObstacle";
import { type Line, middle } from "@/features/watchlist/marketStore";
import { useGrid } from "@/features/watchlist/useLine";
import type { OrderType, Side } from "@/shared/api/types";
import { type Increment, onGrid, stepPrice, steppedBy } from "@/shared/format/decimal";
import { numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { type Draft, notional, PRICE_NAMES, PRICES } from "./draft";
import { Estimate } from "./Estimate";
import { type Field, faults } from "./faults";
import { MoreTerms } from "./MoreTerms";
import { ObstacleNote } from "./ObstacleNote";
import { goes, rowOf, useRules } from "./rules";
import { SidePicker } from "./SidePicker";
import { SizeFields } from "./SizeFields";
import { StepField } from "./StepField";
import { SymbolField } from "./SymbolField";
import { TimeFields } from "./TimeFields";
import { TypeFields } from "./TypeFields";
import { isWrongSymbol, type Resolved } from "./useContract";

/** Where the order is written. */
export function TicketForm({ resolved, line }: { resolved: Resolved; line: Line }) {
  const { ticket } = useDesk();
  const draft = useStore(ticket.draft);
  const [tried, setTried] = useState(false);
  const obstacle = useObstacle();
  const { contract, trouble } = resolved;
  const streamed = useGrid(line);
  const increments = contract?.increments ?? streamed;
  const rules = useRules();
  const refused = useStore(ticket.refused);
  const found = faults(draft, contract ?? { increments: [...streamed] }, rules);
  // A field is called wrong once something is in it; that it is empty only when the order was put forward.
  const fault = (field: Field) => {
    const said = refused?.field === field ? refused.text : undefined;
    return said ?? (tried || isWritten(draft, field) ? found[field] : undefined);
  };
  const { prices } = rowOf(rules, draft.type);

  function setType(type: OrderType) {
    const { times } = rowOf(rules, type);
    const part = goes(rules, "cash_quantity", { ...draft, type }) ? {} : ({ sizing: "units" } as const);
    ticket.write({ type, ...part, ...(times.includes(draft.timeInForce) ? {} : { timeInForce: "DAY" }) });
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    const blocked = Object.keys(found).length > 0 || isWrongSymbol(trouble);
    if (!blocked) return ticket.review(rules);
    requestAnimationFrame(() => document.querySelector<HTMLElement>("#ticket [aria-invalid]")?.focus());
  }

  function choose(side: Side, price: number | null) {
    ticket.setSide(side);
    if (price !== null && prices.limit_price === "required")
      ticket.write({ limit: onGrid(price, increments, "near") });
  }

  return (
    <form onSubmit={submit} className="space-y-3 p-3" noValidate aria-label="Order">
      <SymbolField resolved={resolved} missing={tried || contract ? found.symbol : undefined} />
      <SidePicker side={draft.side} line={line} onChange={choose} />
      <TypeFields {...{ draft, rules, contract }} error={fault("type")} onChange={setType} />
      <SizeFields {...{ draft, rules, contract, fault }} write={ticket.write} />
      {PRICE_NAMES.filter((name) => prices[name]).map((name) => {
        const { field, label } = PRICES[name];
        const onGridOf = name === "limit_price" || name === "stop_price";
        return (
          <StepField
            key={name}
            label={prices[name] === "optional" ? `${label} (optional)` : label}
            value={draft[field]}
            error={fault(field)}
            placeholder={onGridOf ? placeholderOf(draft, line, increments) : ""}
            aside={
              name === "limit_price" && (
                <QuickPrices
                  line={line}
                  increments={increments}
                  onPick={(limit) => ticket.write({ limit })}
                />
              )
            }
            onChange={(text) => ticket.write({ [field]: text })}
            onStep={(direction, times) =>
              ticket.write({
                [field]: onGridOf
                  ? steppedPrice(draft[field], direction, times, draft, line, increments)
                  : steppedDistance(draft[field], direction * times, name, increments),
              })
            }
          />
        );
      })}
      <TimeFields {...{ draft, rules, fault }} write={ticket.write} />
      <MoreTerms {...{ draft, rules, contract, fault }} write={ticket.write} />
      <Estimate
        conId={contract?.instrument.con_id ?? null}
        side={draft.side}
        quantity={draft.sizing === "cash" ? null : numberOf(draft.quantity)}
        value={notional(draft, line.quote, numberOf(contract?.multiplier) ?? 1, rules)}
        currency={contract?.instrument.currency ?? ""}
      />
      <ObstacleNote obstacle={obstacle} />
      <Button
        type="submit"
        disabled={obstacle !== null}
        tone={draft.side === "BUY" ? "buy" : "sell"}
        size="lg"
        className="w-full"
      >
        Review {draft.side === "BUY" ? "buy" : "sell"} order
      </Button>
    </form>
  );
}

/** The prices in sight, to be taken with one click. */
function QuickPrices({
  line,
  increments,
  onPick,
}: {
  line: Line;
  increments: readonly Increment[];
  onPick: (price: string) => void;
}) {
  const { quote } = line;
  if (!quote) return null;
  const prices = { Bid: quote.bid, Mid: middle(quote), Ask: quote.ask };
  return (
    <span className="flex gap-2">
      {Object.entries(prices).map(([name, price]) => (
        <button
          key={name}
          type="button"
          disabled={price === null}
          className="font-medium text-accent hover:underline disabled:opacity-40"
          onClick={() => price !== null && onPick(onGrid(price, increments, "near"))}
        >
          {name}
        </button>
      ))}
    </span>
  );
}

function reference(draft: Draft, { quote }: Line): number | null {
  return (draft.side === "BUY" ? quote?.ask : quote?.bid) ?? quote?.last ?? null;
}

function placeholderOf(draft: Draft, line: Line, increments: readonly Increment[]): string {
  const price = reference(draft, line);
  return price === null ? "" : onGrid(price, increments, "near");
}

/** An empty field starts from the market. */
function steppedPrice(
  text: string,
  direction: 1 | -1,
  times: number,
  draft: Draft,
  line: Line,
  increments: readonly Increment[],
): string {
  if (!text.trim()) return placeholderOf(draft, line, increments);
  let price = text;
  for (let step = 0; step < times; step++) price = stepPrice(price, direction, increments) ?? price;
  return price;
}

/** A distance moves by the tick, a per cent by a tenth; neither goes below its first step. */
function steppedDistance(
  text: string,
  steps: number,
  name: string,
  increments: readonly Increment[],
): string {
  return steppedBy(text, steps, name === "trail_percent" ? "0.1" : (increments[0]?.increment ?? "0.01"));
}

/** Whether something is in the field; one that has no text is never called wrong before the order is put forward. */
function isWritten(draft: Draft, field: Field): boolean {
  const value = field in draft ? draft[field as keyof Draft] : "";
  return typeof value === "string" && value !== "";
}

import { type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { FOCUS } from "@/app/shortcuts";
import { useObstacle } from "@/features/connection/useObstacle";
import { TIMES } from "@/features/orders/words";
import { type Line, middle } from "@/features/watchlist/marketStore";
import { useGrid } from "@/features/watchlist/useLine";
import type { OrderType, Side, TimeInForce } from "@/shared/api/types";
import { type Increment, onGrid, parseDecimal, stepPrice, writeDecimal } from "@/shared/format/decimal";
import { numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { CheckField, SelectField } from "@/shared/ui/Field";
import { Segmented } from "@/shared/ui/Segmented";
import { type Draft, type Field, faults, needsLimit, needsStop, notional } from "./draft";
import { Estimate } from "./Estimate";
import { ObstacleNote } from "./ObstacleNote";
import { SidePicker } from "./SidePicker";
import { StepField } from "./StepField";
import { SymbolField } from "./SymbolField";
import { isWrongSymbol, type Resolved } from "./useContract";

const TYPES = [
  { value: "MKT", label: "Market", title: "At the best price there is" },
  { value: "LMT", label: "Limit", title: "At this price or better" },
  { value: "STP", label: "Stop", title: "A market order once the stop price is reached" },
  { value: "STP LMT", label: "Stop limit", title: "A limit order once the stop price is reached" },
] as const satisfies readonly { value: OrderType; label: string; title: string }[];

/** What needs no further field. */
const OFFERED: readonly TimeInForce[] = ["DAY", "GTC", "IOC", "FOK"];

/** Where the order is written. */
export function TicketForm({ resolved, line }: { resolved: Resolved; line: Line }) {
  const { ticket } = useDesk();
  const draft = useStore(ticket.draft);
  const [tried, setTried] = useState(false);
  const obstacle = useObstacle();
  const { contract, trouble } = resolved;
  const streamed = useGrid(line);
  const increments = contract?.increments ?? streamed;
  const found = faults(draft, contract ?? { increments: [...streamed] });
  // A field is called wrong once something is in it; that it is empty only when the order was put forward.
  const shown = (field: Field, text: string) => (tried || text !== "" ? found[field] : undefined);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    const blocked = Object.keys(found).length > 0 || isWrongSymbol(trouble);
    if (!blocked) return ticket.review();
    requestAnimationFrame(() => document.querySelector<HTMLElement>("#ticket [aria-invalid]")?.focus());
  }

  function choose(side: Side, price: number | null) {
    ticket.setSide(side);
    if (price !== null && draft.type === "LMT") ticket.write({ limit: onGrid(price, increments, "near") });
  }

  const price = (field: "limit" | "stop") => ({
    value: draft[field],
    error: shown(field, draft[field]),
    placeholder: placeholderOf(draft, line, increments),
    onChange: (text: string) => ticket.write({ [field]: text }),
    onStep: (direction: 1 | -1, times: number) =>
      ticket.write({ [field]: steppedPrice(draft[field], direction, times, draft, line, increments) }),
  });

  return (
    <form onSubmit={submit} className="space-y-3 p-3" noValidate aria-label="Order">
      <SymbolField resolved={resolved} missing={tried || contract ? found.symbol : undefined} />
      <SidePicker side={draft.side} line={line} onChange={choose} />
      <Segmented
        label="Order type"
        value={draft.type}
        options={TYPES}
        onChange={(type) => ticket.write({ type })}
      />
      <StepField
        id={FOCUS.quantity}
        label="Quantity"
        value={draft.quantity}
        error={shown("quantity", draft.quantity)}
        placeholder="0"
        onChange={(quantity) => ticket.write({ quantity })}
        onStep={(direction, times) =>
          ticket.write({
            quantity: steppedQuantity(draft.quantity, direction * times, contract?.size_increment),
          })
        }
      />
      {needsStop(draft.type) && <StepField label="Stop price" {...price("stop")} />}
      {needsLimit(draft.type) && (
        <StepField
          label="Limit price"
          aside={
            <QuickPrices line={line} increments={increments} onPick={(limit) => ticket.write({ limit })} />
          }
          {...price("limit")}
        />
      )}
      <div className="grid grid-cols-2 items-end gap-3">
        <SelectField
          label="Time in force"
          value={draft.timeInForce}
          title={TIMES[draft.timeInForce].means}
          onChange={(event) => ticket.write({ timeInForce: event.target.value as TimeInForce })}
        >
          {OFFERED.map((value) => [value, TIMES[value]] as const).map(([value, { label, means }]) => (
            <option key={value} value={value} title={means}>
              {label}
            </option>
          ))}
        </SelectField>
        <div className="pb-1.5">
          <CheckField
            label="Outside hours"
            checked={draft.outsideHours}
            onChange={(event) => ticket.write({ outsideHours: event.target.checked })}
          />
        </div>
      </div>
      <Estimate
        conId={contract?.instrument.con_id ?? null}
        side={draft.side}
        quantity={numberOf(draft.quantity)}
        value={notional(draft, line.quote, numberOf(contract?.multiplier) ?? 1)}
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

function steppedQuantity(text: string, steps: number, increment = "1"): string {
  const step = parseDecimal(increment);
  const now = parseDecimal(text || "0");
  if (now === null || step === null || step <= 0n) return text;
  const next = now + BigInt(steps) * step;
  return next > 0n ? writeDecimal(next) : text;
}

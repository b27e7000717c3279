import { type FormEvent, useEffect, useState } from "react";
import { useDesk } from "@/app/desk";
import { tidySymbol } from "@/features/watchlist/symbols";
import { useStore } from "@/shared/store";
import { TextField } from "@/shared/ui/Field";
import { isWrongSymbol, type Resolved } from "./useContract";

/** What to trade: typed, or taken from the watchlist. It is looked up when the field is left or Enter is pressed. */
export function SymbolField({ resolved, missing }: { resolved: Resolved; missing: string | undefined }) {
  const { ticket } = useDesk();
  const symbol = useStore(ticket.draft, (draft) => draft.symbol);
  const [text, setText] = useState(symbol);
  useEffect(() => setText(symbol), [symbol]);
  const { contract, trouble, looking } = resolved;

  function commit() {
    const tidy = tidySymbol(text);
    if (tidy !== symbol) ticket.choose(tidy);
    setText(tidy);
  }

  function onEnter(event: FormEvent) {
    event.preventDefault();
    commit();
  }

  const wrong = trouble && isWrongSymbol(trouble) ? `${trouble.detail} ${trouble.nextStep}` : missing;
  return (
    <TextField
      label="Symbol"
      value={text}
      error={wrong}
      hint={
        contract ? (
          <span className="block truncate">
            {contract.long_name || contract.instrument.name} ·{" "}
            {contract.instrument.primary_exchange || contract.instrument.exchange} ·{" "}
            {contract.instrument.currency}
          </span>
        ) : looking ? (
          "Looking it up…"
        ) : trouble ? (
          `Not looked up: ${trouble.detail}`
        ) : undefined
      }
      maxLength={400}
      autoCapitalize="characters"
      onChange={(event) => setText(event.target.value.toUpperCase())}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && onEnter(event)}
    />
  );
}

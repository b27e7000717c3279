import { Search } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { useDesk } from "@/app/desk";
import { FOCUS } from "@/app/shortcuts";
import { useStore } from "@/shared/store";
import type { Line } from "./marketStore";
import { tidySymbol } from "./symbols";

export interface Failure {
  readonly symbol: string;
  readonly problem: NonNullable<Line["problem"]>;
}

/** Problems of the symbol itself; all others (no session, no permission) pass, and the symbol stays. */
const WRONG = new Set([
  "instrument-not-found",
  "ambiguous-instrument",
  "invalid-instrument",
  "invalid-input",
]);

/** Puts a symbol on the watchlist, and takes it off again where there is no such thing. */
export function AddSymbol({ onFailure }: { onFailure: (failure: Failure | null) => void }) {
  const { watchlist, market, ticket } = useDesk();
  const [text, setText] = useState("");
  const [trying, setTrying] = useState<string | null>(null);
  const tried = useStore(market.line(trying ?? ""));

  useEffect(() => {
    if (trying === null) return;
    if (tried.problem) {
      if (WRONG.has(tried.problem.slug)) {
        onFailure({ symbol: trying, problem: tried.problem });
        watchlist.remove(trying);
      }
      setTrying(null);
    } else if (tried.info) {
      ticket.choose(trying);
      setTrying(null);
    }
  }, [trying, tried, watchlist, ticket, onFailure]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const symbol = tidySymbol(text);
    if (!symbol) return;
    onFailure(null);
    setText("");
    if (watchlist.add(symbol)) setTrying(symbol);
    else ticket.choose(symbol);
  }

  return (
    <form onSubmit={submit} aria-label="Add a symbol" className="relative">
      <label htmlFor={FOCUS.search} className="sr-only">
        Add a symbol to the watchlist
      </label>
      <Search
        className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-faint"
        aria-hidden
      />
      <input
        id={FOCUS.search}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        placeholder="Add symbol"
        maxLength={400}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        className="h-7 w-44 rounded-md border border-line bg-field pr-7 pl-7 uppercase placeholder:normal-case"
      />
      <kbd
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-1.5 -translate-y-1/2 rounded border border-line px-1 font-sans text-2xs text-faint"
      >
        /
      </kbd>
    </form>
  );
}

/** The symbols on the watchlist, in the order in which they were put there; kept by this browser. */
import { recall, remember } from "@/shared/storage";
import { createStore, type Store } from "@/shared/store";

export interface Watchlist {
  readonly symbols: Store<readonly string[]>;
  /** False where it is there already. */
  add(symbol: string): boolean;
  remove(symbol: string): void;
}

const NAME = "watchlist";
const FIRST_TIME = ["SPY", "QQQ", "AAPL", "MSFT", "NVDA", "TSLA", "EURUSD", "IND:SPX"];
const MOST = 100;

export function createWatchlist(): Watchlist {
  const symbols = createStore<readonly string[]>(stored() ?? FIRST_TIME);
  symbols.subscribe(() => remember(NAME, symbols.get()));
  return {
    symbols,
    add(symbol) {
      const now = symbols.get();
      if (now.includes(symbol) || now.length >= MOST) return false;
      symbols.set([...now, symbol]);
      return true;
    },
    remove(symbol) {
      symbols.set(symbols.get().filter((each) => each !== symbol));
    },
  };
}

/** What a person typed, as the service reads it. */
export function tidySymbol(text: string): string {
  return text.trim().replace(/^\/+/, "").replace(/\s+/g, " ").trim().toUpperCase();
}

function stored(): string[] | null {
  const list = recall(NAME);
  if (!Array.isArray(list)) return null;
  return [...new Set(list.filter((each): each is string => typeof each === "string" && each !== ""))].slice(
    0,
    MOST,
  );
}

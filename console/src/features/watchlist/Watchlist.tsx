import { Eye } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { EmptyState, Panel } from "@/shared/ui/Panel";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { TABLE, TH, TH_NUMBER } from "@/shared/ui/table";
import { AddSymbol, type Failure } from "./AddSymbol";
import { COLUMNS } from "./columns";
import { WatchRow } from "./WatchRow";

/** Live prices of the chosen symbols. */
export function Watchlist({ className }: { className?: string }) {
  const { watchlist, ticket } = useDesk();
  const symbols = useStore(watchlist.symbols);
  const chosen = useStore(ticket.draft, (draft) => draft.symbol);
  const [failure, setFailure] = useState<Failure | null>(null);

  return (
    <Panel
      label="Watchlist"
      title="Watchlist"
      aside={<AddSymbol onFailure={setFailure} />}
      {...(className ? { className } : {})}
    >
      {failure && (
        <TroubleNote
          className="m-2"
          trouble={{
            ...failure.problem,
            title: `${failure.symbol} was not added`,
            nextStep: failure.problem.next_step,
          }}
        >
          <Button size="sm" onClick={() => setFailure(null)}>
            Dismiss
          </Button>
        </TroubleNote>
      )}
      {symbols.length === 0 ? (
        <EmptyState icon={<Eye />} title="Nothing on the watchlist">
          Press <kbd className="rounded border border-edge px-1 font-sans text-xs">/</kbd> and type a symbol:
          AAPL, EURUSD, ESZ6, IND:SPX.
        </EmptyState>
      ) : (
        <div className="@container min-h-0 flex-1 overflow-auto">
          <table className={classes(TABLE, "table-fixed")} aria-label="Watchlist">
            {/* Fixed, so that nothing moves sideways when a price grows by a digit. */}
            <colgroup>
              {Object.entries(COLUMNS).map(([name, { width, hide }]) => (
                <col key={name} className={classes(width, hide)} />
              ))}
            </colgroup>
            <thead>
              <tr>
                <th className={TH}>Symbol</th>
                <th className={TH_NUMBER}>Last</th>
                <th className={TH_NUMBER}>Change</th>
                <th className={classes(TH_NUMBER, COLUMNS.bid.hide)}>Bid</th>
                <th className={classes(TH, COLUMNS.ask.hide)}>Ask</th>
                <th className={classes(TH_NUMBER, COLUMNS.spread.hide)}>Spread</th>
                <th className={classes(TH_NUMBER, COLUMNS.volume.hide)}>Volume</th>
                <th className={classes(TH, COLUMNS.trend.hide)}>Trend</th>
                <th className={TH}>
                  <span className="sr-only">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody onKeyDown={(event) => moveFocus(event, watchlist.remove)}>
              {symbols.map((symbol) => (
                <WatchRow key={symbol} symbol={symbol} chosen={symbol === chosen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** Arrow keys walk the rows and choose as they go; Delete takes the row away. */
function moveFocus(event: KeyboardEvent<HTMLElement>, remove: (symbol: string) => void) {
  const row = (event.target as HTMLElement).closest("tr");
  if (!row) return;
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    const button = next?.querySelector<HTMLButtonElement>("button[data-symbol]");
    button?.focus();
    button?.click();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    const symbol = row.dataset.symbolRow;
    const near = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector<HTMLButtonElement>(
      "button[data-symbol]",
    );
    near?.focus();
    if (symbol) remove(symbol);
  }
}

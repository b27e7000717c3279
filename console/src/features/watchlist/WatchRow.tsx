import { X } from "lucide-react";
import { useDesk } from "@/app/desk";
import { toneOf } from "@/features/account/AccountStrip";
import { onGrid } from "@/shared/format/decimal";
import { formatCompact, formatNumber, formatPercent } from "@/shared/format/number";
import { formatMoment } from "@/shared/format/time";
import { IconButton } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";
import { Sparkline } from "@/shared/ui/Sparkline";
import { TD, TD_NUMBER } from "@/shared/ui/table";
import { COLUMNS, WHERE_ROOM } from "./columns";
import { type Line, middle } from "./marketStore";
import { isCurrent, isPassing, QualityTags } from "./QualityTags";
import { digitsOfLine, useGrid, useLine } from "./useLine";

export function WatchRow({ symbol, chosen }: { symbol: string; chosen: boolean }) {
  const { ticket, watchlist } = useDesk();
  const line = useLine(symbol);
  const { quote, info, problem } = line;
  const digits = digitsOfLine(line);
  const price = quote ? (quote.last ?? middle(quote)) : null;
  const change = price !== null && quote?.close ? price - quote.close : null;
  const spread = quote && quote.bid !== null && quote.ask !== null ? quote.ask - quote.bid : null;
  const tone = toneOf(change);

  return (
    <tr
      data-symbol-row={symbol}
      onClick={() => ticket.choose(symbol)}
      className={classes("group cursor-default", chosen ? "bg-accent-soft/55" : "hover:bg-hover")}
    >
      <td className={classes(TD, "relative")}>
        {chosen && <span className="absolute inset-y-1 left-0 w-0.5 rounded-full bg-accent" aria-hidden />}
        <span className="flex min-w-0 items-center gap-2">
          <button
            type="button"
            data-symbol={symbol}
            aria-current={chosen || undefined}
            className="shrink-0 rounded-sm font-semibold"
          >
            {symbol}
          </button>
          <QualityTags line={line} />
          <span
            className="truncate text-xs text-muted"
            title={problem ? `${problem.detail} ${problem.next_step}` : undefined}
          >
            {problem && !isPassing(problem) ? problem.detail : info?.long_name}
          </span>
        </span>
      </td>
      <td
        className={classes(TD_NUMBER, "font-semibold", faded(line))}
        title={quote ? formatMoment(quote.timestamp) : ""}
      >
        <Flash value={price} className="px-0.5">
          {formatNumber(price, digits)}
        </Flash>
      </td>
      <td className={classes(TD_NUMBER, tone, faded(line))}>
        <span className={WHERE_ROOM}>{formatNumber(change, digits, { plus: true })}</span>
        <span className="ml-2 inline-block min-w-13.5">
          {formatPercent(change === null || !quote?.close ? null : change / quote.close, 2, { plus: true })}
        </span>
      </td>
      <PriceCell symbol={symbol} line={line} side="bid" digits={digits} />
      <PriceCell symbol={symbol} line={line} side="ask" digits={digits} />
      <td className={classes(TD_NUMBER, "text-muted", COLUMNS.spread.hide, faded(line))}>
        {formatNumber(spread, digits)}
      </td>
      <td className={classes(TD_NUMBER, "text-muted", COLUMNS.volume.hide, faded(line))}>
        {formatCompact(quote?.volume || null)}
      </td>
      <td className={classes(TD, COLUMNS.trend.hide, faded(line))}>
        <Sparkline points={line.trail} base={quote?.close ?? null} label={symbol} />
      </td>
      <td className={classes(TD, "!pl-0")}>
        <IconButton
          label={`Remove ${symbol}`}
          size="sm"
          tabIndex={-1}
          className="opacity-0 group-hover:opacity-100 group-focus-within:opacity-100"
          onClick={(event) => {
            event.stopPropagation();
            watchlist.remove(symbol);
          }}
        >
          <X className="size-3.5" aria-hidden />
        </IconButton>
      </td>
    </tr>
  );
}

/** A price to trade at: a click puts it into the ticket, with the side that takes it. */
function PriceCell({
  symbol,
  line,
  side,
  digits,
}: {
  symbol: string;
  line: Line;
  side: "bid" | "ask";
  digits: number;
}) {
  const { ticket } = useDesk();
  const grid = useGrid(line);
  const price = line.quote?.[side] ?? null;
  const size = line.quote?.[`${side}_size`] ?? null;
  const quantity = size !== null && (
    <span className="mx-1.5 text-2xs text-faint" aria-hidden>
      {formatCompact(size)}
    </span>
  );
  return (
    <td
      className={classes(TD, side === "bid" && "text-right", COLUMNS[side].hide, faded(line))}
      data-field={side}
    >
      <button
        type="button"
        tabIndex={-1}
        disabled={price === null}
        title={side === "ask" ? "Buy at this price" : "Sell at this price"}
        className="rounded-sm px-0.5 hover:bg-accent-soft hover:text-accent disabled:pointer-events-none"
        onClick={(event) => {
          if (price === null) return;
          event.stopPropagation();
          ticket.choose(symbol, {
            side: side === "ask" ? "BUY" : "SELL",
            type: "LMT",
            limit: onGrid(price, grid, "near"),
          });
        }}
      >
        {side === "bid" && quantity}
        <Flash value={price}>{formatNumber(price, digits)}</Flash>
        {side === "ask" && quantity}
      </button>
    </td>
  );
}

const faded = (line: Line) => (isCurrent(line) ? "" : "opacity-60");

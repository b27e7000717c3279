/** Every fill that was ever heard of, newest first, a page at a time; asked for anew when something is filled. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, Receipt } from "lucide-react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import type { ExecutionView } from "@/shared/api/types";
import { decimalsOf, formatNumber, formatQuantity } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { EmptyState, Loading, Panel } from "@/shared/ui/Panel";
import { TABLE, TD, TD_NUMBER, TH, TH_NUMBER } from "@/shared/ui/table";

const PAGE = 50;

export function Executions() {
  const { service, portfolio } = useDesk();
  const stirred = useStore(portfolio.now, ({ stirred }) => stirred);
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["executions", stirred],
    queryFn: ({ pageParam }) =>
      answer(
        service.api.GET("/api/v1/ib/executions", {
          params: { query: { limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next_before }) => next_before,
    placeholderData: (before) => before,
  });
  const rows = data?.pages.flatMap(({ executions }) => executions) ?? [];
  return (
    <Panel
      label="Executions"
      title="Executions"
      aside={
        <a
          href="/api/v1/ib/executions/export"
          download
          className="inline-flex items-center gap-1.5 text-xs text-muted hover:text-text"
        >
          <Download className="size-3.5" aria-hidden /> CSV
        </a>
      }
      className="min-h-40 flex-1"
    >
      {isPending ? (
        <Loading label="Loading executions" />
      ) : error ? (
        <p role="alert" className="p-3 text-down">
          {error.message}
        </p>
      ) : rows.length === 0 ? (
        <EmptyState icon={<Receipt />} title="No executions yet">
          Every fill stands here, with what it cost, for good.
        </EmptyState>
      ) : (
        <div className="min-h-0 flex-1 overflow-auto">
          <Rows rows={rows} />
          {hasNextPage && (
            <div className="p-2 text-center">
              <Button size="sm" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {isFetchingNextPage ? "Loading…" : "Older executions"}
              </Button>
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

function Rows({ rows }: { rows: readonly ExecutionView[] }) {
  return (
    <table className={TABLE} aria-label="Executions">
      <thead>
        <tr>
          <th className={TH}>Time</th>
          <th className={TH}>Symbol</th>
          <th className={TH}>Side</th>
          <th className={TH_NUMBER}>Quantity</th>
          <th className={TH_NUMBER}>Price</th>
          <th className={TH_NUMBER}>Commission</th>
          <th className={TH_NUMBER}>Realized P&L</th>
          <th className={TH}>Exchange</th>
          <th className={TH}>Order</th>
          <th className={TH}>Account</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.number} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row }: { row: ExecutionView }) {
  const bought = row.side === "BUY";
  const was = row.replaced.at(-1);
  return (
    <tr className={classes("hover:bg-hover", row.busted && "text-muted line-through")}>
      <td className={classes(TD, "text-muted")} title={`${formatMoment(row.time)}, ${row.execution_id}`}>
        {formatTime(row.time)}
      </td>
      <td className={classes(TD, "font-semibold")}>{row.symbol}</td>
      <td className={classes(TD, bought ? "text-up" : "text-down")}>{bought ? "Buy" : "Sell"}</td>
      <td className={TD_NUMBER}>{formatQuantity(row.quantity)}</td>
      <td className={TD_NUMBER}>
        {formatNumber(row.price, Math.min(5, Math.max(2, decimalsOf(row.price))))}
      </td>
      <td className={TD_NUMBER}>
        {formatNumber(row.commission?.amount)}
        {row.commission && <span className="ml-1 text-2xs text-faint">{row.commission.currency}</span>}
      </td>
      <td className={TD_NUMBER}>{formatNumber(row.commission?.realized_pnl, 2, { plus: true })}</td>
      <td className={classes(TD, "text-muted")}>{row.exchange}</td>
      <td className={classes(TD, "max-w-40 truncate text-muted")} title={row.ref}>
        {row.ref || `client ${row.client_id}`}
        {(row.busted || was) && (
          <span className="ml-1.5 no-underline">
            <Badge
              tone="warn"
              title={was ? `It was ${formatQuantity(was.quantity)} at ${formatNumber(was.price)}` : "Undone"}
            >
              {row.busted ? "Busted" : "Corrected"}
            </Badge>
          </span>
        )}
      </td>
      <td className={classes(TD, "text-muted")}>{row.account}</td>
    </tr>
  );
}

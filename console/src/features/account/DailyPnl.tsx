/** The day's profit or loss: the number with its source, and how it came about, live. */
import { useQuery } from "@tanstack/react-query";
import { TrendingUp } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import type { DailyPnlView } from "@/shared/api/types";
import { formatNumber, numberOf } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";
import { Loading, Panel } from "@/shared/ui/Panel";
import { toneOf } from "./AccountStrip";

/** Loaded when there is something to plot: the library is not needed before. */
const PnlPlot = lazy(() => import("./PnlPlot"));

export function DailyPnl() {
  const { service, portfolio } = useDesk();
  const { pnl, points, stale } = useStore(portfolio.now);
  const account = pnl?.account ?? null;
  const { data: past } = useQuery({
    // What the stream has told since is put behind it; a new session asks anew.
    queryKey: ["pnl", account, stale],
    queryFn: () =>
      answer(service.api.GET("/api/v1/ib/pnl/history", { params: { query: { account: account ?? "" } } })),
    enabled: account !== null,
  });
  useEffect(() => {
    if (past && past.account === account) portfolio.recall(past);
  }, [past, account, portfolio]);

  return (
    <Panel
      label="Profit and loss of the day"
      title="Daily P&L"
      aside={pnl && <Source pnl={pnl} />}
      className="shrink-0"
    >
      <div className="flex min-h-36 items-stretch gap-3 p-3 max-sm:flex-col">
        <dl className="flex w-40 shrink-0 flex-col justify-center gap-2">
          <Figure name="Today" value={pnl?.amount} unit={pnl?.currency} large />
          <Figure name="Unrealized" value={pnl?.unrealized} unit={pnl?.currency} />
          <Figure name="Realized" value={pnl?.realized} unit={pnl?.currency} />
        </dl>
        {points.length > 1 ? (
          <Suspense fallback={<Loading label="Loading the plot" />}>
            <PnlPlot points={points} currency={pnl?.currency ?? ""} />
          </Suspense>
        ) : (
          <p className="grid flex-1 place-items-center text-center text-muted">
            <span>
              <TrendingUp className="mx-auto mb-1 size-5 text-faint" aria-hidden />
              The plot begins with the second number.
            </span>
          </p>
        )}
      </div>
    </Panel>
  );
}

function Figure({
  name,
  value,
  unit,
  large = false,
}: {
  name: string;
  value: string | null | undefined;
  unit: string | null | undefined;
  large?: boolean;
}) {
  const number = numberOf(value);
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd
        className={classes("font-semibold", large ? "text-lg" : "text-base", toneOf(number))}
        data-testid={large ? "daily-pnl" : undefined}
      >
        <Flash value={number}>{formatNumber(value, 2, { plus: true })}</Flash>
        {number !== null && <span className="ml-1 text-2xs font-normal text-faint">{unit}</span>}
      </dd>
    </div>
  );
}

function Source({ pnl }: { pnl: DailyPnlView }) {
  const words = useMemo(() => {
    if (pnl.source === "broker") return "as IB counts it";
    if (pnl.source === "net_liquidation")
      return `change of net liquidation since ${formatTime(pnl.since)}, deposits included`;
    return "not known yet";
  }, [pnl.source, pnl.since]);
  const check =
    pnl.check === null
      ? ""
      : ` Net liquidation has changed by ${formatNumber(pnl.check, 2, { plus: true })} since ${formatMoment(pnl.check_since)}.`;
  return (
    <span className="truncate text-xs text-muted" title={`Last told ${formatMoment(pnl.at)}.${check}`}>
      {words}
    </span>
  );
}

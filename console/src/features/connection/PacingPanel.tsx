import { useDesk } from "@/app/desk";
import type { LimitView, Pacing } from "@/shared/api/types";
import { formatNumber } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";
import { classes } from "@/shared/ui/classes";
import { Loading, Panel } from "@/shared/ui/Panel";

/** How much of each of IB's limits every session uses, and what waits for its turn. */
export function PacingPanels() {
  const { connection } = useDesk();
  const pacing = useStore(connection.pacing);
  const data = useStore(connection.dataPacing);
  const names = useStore(connection.now, (now) => now.status?.sessions);
  return (
    <>
      <PacingPanel label="Pacing" title="IB's limits" pacing={pacing} />
      {data
        .filter(({ session }) => names?.some(({ name }) => name === session))
        .map((each) => (
          <PacingPanel
            key={each.session}
            label={`Pacing of ${each.session}`}
            title={`IB's limits: ${each.session}`}
            pacing={each}
          />
        ))}
    </>
  );
}

function PacingPanel({ label, title, pacing }: { label: string; title: string; pacing: Pacing | null }) {
  const { connection } = useDesk();
  const away = useStore(connection.channel.status, (now) => now.state === "lost");
  return (
    <Panel
      label={label}
      title={title}
      aside={pacing && <Verdict pacing={pacing} />}
      className={away ? "opacity-60" : ""}
    >
      {pacing === null ? (
        <Loading label="Loading the limits" />
      ) : (
        <>
          <ul className="px-3 py-1">
            {pacing.limits.map((limit) => (
              <LimitRow key={limit.limit} limit={limit} />
            ))}
          </ul>
          <dl className="grid grid-cols-4 border-t border-line px-3 py-2" aria-label="Messages that wait">
            {pacing.lanes.map(({ lane, waiting, eta_s }) => (
              <div key={lane}>
                <dt className="text-xs text-muted capitalize">{lane}</dt>
                <dd>
                  {waiting}
                  {waiting > 0 && <span className="text-muted"> · {formatNumber(eta_s, 1)} s</span>}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Panel>
  );
}

function LimitRow({ limit }: { limit: LimitView }) {
  const { title, used, allowed, window_s, share, near, waiting, eta_s, source } = limit;
  return (
    <li className="border-b border-line/60 py-1.5 last:border-0" title={source}>
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate text-muted first-letter:uppercase">{title}</span>
        <span className={classes("whitespace-nowrap", near && "font-semibold text-warn")}>
          {used} of {allowed}
          {window_s !== null && <span className="text-muted"> in {windowOf(window_s)}</span>}
          {waiting > 0 && (
            <span className="text-muted">
              {" "}
              · {waiting} wait {formatNumber(eta_s, 1)} s
            </span>
          )}
        </span>
      </div>
      <div className="mt-1 h-1 overflow-hidden rounded bg-raised" aria-hidden>
        <div
          className={classes("h-full rounded", near ? "bg-warn" : "bg-accent")}
          style={{ width: `${Math.min(share, 1) * 100}%` }}
        />
      </div>
    </li>
  );
}

function Verdict({ pacing }: { pacing: Pacing }) {
  if (pacing.violations > 0) return <Badge tone="bad">IB complained {pacing.violations} times</Badge>;
  const near = pacing.limits.filter((limit) => limit.near).length;
  return near > 0 ? (
    <Badge tone="warn">{near === 1 ? "one is near" : `${near} are near`}</Badge>
  ) : (
    <Badge tone="good">within all</Badge>
  );
}

function windowOf(seconds: number): string {
  return seconds >= 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`;
}

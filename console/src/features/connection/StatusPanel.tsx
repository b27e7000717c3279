import { useDesk } from "@/app/desk";
import { formatNumber } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Loading, Panel } from "@/shared/ui/Panel";
import { ModeBadge } from "./ModeBadge";
import { DOTS, SESSION_STATES } from "./states";
import { type Action, useConnectionAction } from "./useConnectionAction";
import { useHealth } from "./useHealth";

const EXPECTED = {
  "weekly-login": "IB's weekly login",
  "daily-restart": "the gateway's daily restart",
  "nightly-reset": "IB's nightly reset",
} as const;

/** Everything that is known of the gateway connection. */
export function StatusPanel() {
  const { connection } = useDesk();
  const status = useStore(connection.now, (now) => now.status);
  const away = useStore(connection.channel.status, (now) => now.state === "lost");
  const act = useConnectionAction();
  const health = useHealth().data;

  if (!status) {
    return (
      <Panel label="Gateway" title="Gateway">
        <Loading label="Loading the connection" />
      </Panel>
    );
  }
  const { word, weight } = SESSION_STATES[status.state];
  const rows: [string, React.ReactNode][] = [
    [
      "Gateway",
      status.embedded
        ? `built-in paper gateway, ${status.host}:${status.port}`
        : `${status.host}:${status.port}`,
    ],
    ["Client id", status.client_id],
    ["API version", status.server_version ?? "–"],
    ["Account", status.account ?? "–"],
    ["Accounts of the login", status.accounts.join(", ") || "–"],
    ["Behind it, IB", status.upstream ? "connected" : "not connected"],
    ["Round trip", status.round_trip_ms === null ? "–" : `${formatNumber(status.round_trip_ms, 1)} ms`],
    ["Heartbeat", health?.last_heartbeat ? formatTime(health.last_heartbeat) : "–"],
    [
      "Clock skew",
      health?.clock_skew_s == null ? "–" : `${formatNumber(health.clock_skew_s, 2, { plus: true })} s`,
    ],
    ["Attempts, sessions", health ? `${health.attempts}, ${health.successes}` : "–"],
    [
      "Next expected drop",
      status.next_expected
        ? `${EXPECTED[status.next_expected.occasion]}, ${formatMoment(status.next_expected.begins)}`
        : "none",
    ],
    ["Next attempt", status.next_attempt_at ? formatMoment(status.next_attempt_at) : "–"],
    ["Last error", status.last_error ?? "none"],
  ];
  return (
    <Panel label="Gateway" title="Gateway" aside={<ModeBadge />} className={away ? "opacity-60" : ""}>
      <div className="flex items-start gap-3 p-3">
        <span className={classes("mt-1.5 size-2.5 shrink-0 rounded-full", DOTS[weight])} aria-hidden />
        <div className="min-w-0 flex-1">
          <p className="text-base font-semibold">{word}</p>
          <p className="break-words text-muted">{status.reason}</p>
        </div>
        <Actions
          idle={status.state === "disconnected" || status.state === "failed"}
          busy={away || act.isPending}
          act={act.mutate}
        />
      </div>
      <dl className="grid grid-cols-[9rem_1fr] border-t border-line px-3 py-1">
        {rows.map(([name, value]) => (
          <div
            key={name}
            className="col-span-2 grid grid-cols-subgrid border-b border-line/60 py-1.5 last:border-0"
          >
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {status.farms.length > 0 && (
        <div className="flex flex-wrap items-center gap-1.5 border-t border-line px-3 py-2">
          <span className="label mr-1">Data farms</span>
          {status.farms.map((farm) => (
            <Badge
              key={farm.name}
              tone={farm.state === "ok" ? "good" : farm.state === "inactive" ? "quiet" : "warn"}
            >
              {farm.name} {farm.state}
            </Badge>
          ))}
        </div>
      )}
    </Panel>
  );
}

function Actions({ idle, busy, act }: { idle: boolean; busy: boolean; act: (action: Action) => void }) {
  if (idle) {
    return (
      <Button tone="accent" disabled={busy} onClick={() => act("connect")}>
        Connect
      </Button>
    );
  }
  return (
    <div className="flex gap-2">
      <Button disabled={busy} onClick={() => act("reconnect")}>
        Reconnect
      </Button>
      <Button tone="danger" disabled={busy} onClick={() => act("disconnect")}>
        Disconnect
      </Button>
    </div>
  );
}

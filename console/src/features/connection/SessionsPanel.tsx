import { useDesk } from "@/app/desk";
import type { GatewaySession, GatewayView } from "@/shared/api/types";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Panel } from "@/shared/ui/Panel";
import { DOTS, SESSION_STATES } from "./states";
import { useSessionAction } from "./useSessionAction";

/** Every session and its gateways. Where one session with one gateway is all there is, nothing: the panel above has it. */
export function SessionsPanel() {
  const { connection } = useDesk();
  const sessions = useStore(connection.now, (now) => now.status?.sessions) ?? [];
  const away = useStore(connection.channel.status, (now) => now.state === "lost");
  if (sessions.length < 2 && (sessions[0]?.gateways.length ?? 0) < 2) return null;
  return (
    <Panel label="Sessions" title="Sessions" className={away ? "opacity-60" : ""}>
      <ul>
        {sessions.map((session) => (
          <SessionRow key={session.name} session={session} away={away} />
        ))}
      </ul>
    </Panel>
  );
}

function SessionRow({ session, away }: { session: GatewaySession; away: boolean }) {
  const act = useSessionAction(session.name);
  const { word, weight } = SESSION_STATES[session.state];
  const idle = session.state === "disconnected" || session.state === "failed";
  const busy = away || act.isPending;
  const atBackup = session.gateways.some((gateway) => gateway.current && !gateway.primary);
  const carries = session.carries_orders
    ? "orders"
    : session.kinds.length > 0
      ? `market data: ${session.kinds.join(", ")}`
      : "market data";
  return (
    <li className="border-b border-line/60 px-3 py-2 last:border-0" aria-label={`Session ${session.name}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className={classes("size-2 shrink-0 rounded-full", DOTS[weight])} aria-hidden />
        <span className="font-semibold">{session.name}</span>
        <span className="text-muted">
          {word} · {carries} · client {session.client_id} · {session.lines} of {session.line_limit} lines
          {session.waiting > 0 && ` · ${session.waiting} wait, ${session.eta_s.toFixed(1)} s`}
          {session.clock_skew_s !== null &&
            Math.abs(session.clock_skew_s) >= 1 &&
            ` · its clock is ${Math.abs(session.clock_skew_s).toFixed(0)} s ${session.clock_skew_s > 0 ? "ahead" : "behind"}`}
        </span>
        <span className="ml-auto flex gap-2">
          {atBackup && session.carries_orders && (
            <Button disabled={busy} onClick={() => act.mutate("failback")}>
              Return to the primary
            </Button>
          )}
          {idle ? (
            <Button disabled={busy} onClick={() => act.mutate("connect")}>
              Connect
            </Button>
          ) : (
            <>
              <Button disabled={busy} onClick={() => act.mutate("reconnect")}>
                Reconnect
              </Button>
              <Button disabled={busy} onClick={() => act.mutate("disconnect")}>
                Disconnect
              </Button>
            </>
          )}
        </span>
      </div>
      {!session.ready && <p className="mt-1 break-words text-muted">{session.reason}</p>}
      <ul className="mt-1.5 flex flex-wrap gap-1.5" aria-label={`Gateways of ${session.name}`}>
        {session.gateways.map((gateway) => (
          <li key={`${gateway.host}:${gateway.port}`}>
            <GatewayBadge gateway={gateway} ready={session.ready} />
          </li>
        ))}
      </ul>
    </li>
  );
}

function GatewayBadge({ gateway, ready }: { gateway: GatewayView; ready: boolean }) {
  const role = gateway.primary ? "primary" : "backup";
  const tone = gateway.refused
    ? "bad"
    : gateway.breaker === "open"
      ? "warn"
      : gateway.current && ready
        ? "good"
        : "quiet";
  const state = gateway.refused
    ? "refused"
    : gateway.breaker === "open"
      ? "let alone, failed too often"
      : gateway.current
        ? "in use"
        : "";
  return (
    <Badge tone={tone} title={gateway.refused || undefined}>
      {role} {gateway.host}:{gateway.port}
      {state && ` · ${state}`}
    </Badge>
  );
}

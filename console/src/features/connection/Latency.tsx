import { useDesk } from "@/app/desk";
import { formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { useHealth } from "./useHealth";

/** How long the gateway takes to answer. */
export function Latency() {
  const { connection } = useDesk();
  const health = useHealth();
  const ready = useStore(connection.now, ({ status }) => status?.ready ?? false);
  const heard = useStore(connection.channel.status, (now) => now.state === "live");
  const milliseconds = health.data?.round_trip_ms;
  if (!ready || !heard || milliseconds === null || milliseconds === undefined) return null;
  return (
    <span
      className="text-xs whitespace-nowrap text-muted max-xl:hidden"
      title={`Round trip to the gateway, measured ${formatTime(health.data?.last_heartbeat)}`}
    >
      {milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms
    </span>
  );
}

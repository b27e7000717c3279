import { formatTime } from "@/shared/format/time";
import { useHealth } from "./useHealth";

/** How long the gateway takes to answer. */
export function Latency() {
  const health = useHealth();
  const milliseconds = health.data?.round_trip_ms;
  if (milliseconds === null || milliseconds === undefined) return null;
  return (
    <span
      className="text-xs whitespace-nowrap text-muted max-xl:hidden"
      title={`Round trip to the gateway, measured ${formatTime(health.data?.last_heartbeat)}`}
    >
      {milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms
    </span>
  );
}

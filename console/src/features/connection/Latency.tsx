import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";

/** How long the gateway takes to answer, as of the last heartbeat. */
export function Latency() {
  const { connection } = useDesk();
  const milliseconds = useStore(connection.now, ({ status }) =>
    status?.ready ? status.round_trip_ms : null,
  );
  const heard = useStore(connection.channel.status, (now) => now.state === "live");
  if (!heard || milliseconds === null) return null;
  return (
    <span
      className="text-xs whitespace-nowrap text-muted max-xl:hidden"
      title="Round trip to the gateway, of the last heartbeat"
    >
      {milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms
    </span>
  );
}

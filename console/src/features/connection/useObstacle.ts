import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";
import { SESSION_STATES } from "./states";

/** Why no order can be sent now, in words; null where one can. */
export function useObstacle(): string | null {
  const { connection } = useDesk();
  const status = useStore(connection.now, (now) => now.status);
  const heard = useStore(connection.channel.status, (now) => now.state === "live");
  if (!heard) return "The service cannot be reached. This page reconnects by itself.";
  if (!status || status.ready) return null;
  const { word } = SESSION_STATES[status.state];
  return `The gateway is not ready (${word.toLowerCase()}${status.reason ? `: ${status.reason}` : ""}).`;
}

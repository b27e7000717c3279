/** Says when the gateway connection turns good or bad, for those who look elsewhere. */
import { useEffect } from "react";
import { useDesk } from "@/app/desk";
import { SESSION_STATES } from "./states";

export function useSessionNews(): void {
  const { connection, announcer } = useDesk();
  useEffect(() => {
    let before = connection.now.get().status?.state ?? null;
    return connection.now.subscribe(() => {
      const status = connection.now.get().status;
      if (!status || status.state === before) return;
      const first = before === null;
      before = status.state;
      if (first) return;
      const { word, weight } = SESSION_STATES[status.state];
      if (weight === "good")
        announcer.tell("Gateway ready", { more: status.reason, tone: "good", about: "gateway" });
      else if (weight === "warn" || weight === "bad") {
        announcer.tell(`Gateway ${word.toLowerCase()}`, {
          more: status.reason,
          tone: weight,
          about: "gateway",
        });
      }
    });
  }, [connection, announcer]);
}

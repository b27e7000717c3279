/** What is measured on the gateway connection. Asked for when the connection changes, never on a timer. */
import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { useStore } from "@/shared/store";

export function useHealth() {
  const { service, connection } = useDesk();
  const state = useStore(connection.now, (now) => now.status?.state ?? null);
  const since = useStore(connection.now, (now) => now.status?.since ?? null);
  return useQuery({
    queryKey: ["health", state, since],
    queryFn: () => answer(service.api.GET("/api/v1/ib/connection/health")),
    enabled: state !== null,
    placeholderData: (before) => before,
  });
}

/** Connect, disconnect and reconnect on request; what comes back is the newest status, or a reason for people. */
import { useMutation } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";

export type Action = "connect" | "disconnect" | "reconnect";

const FAILED: Record<Action, string> = {
  connect: "Not connected",
  disconnect: "Not disconnected",
  reconnect: "Not reconnected",
};

export function useConnectionAction() {
  const { service, connection, announcer } = useDesk();
  return useMutation({
    mutationFn: (action: Action) => {
      switch (action) {
        case "connect":
          return answer(service.api.POST("/api/v1/ib/connection/connect"));
        case "disconnect":
          return answer(service.api.POST("/api/v1/ib/connection/disconnect"));
        case "reconnect":
          return answer(service.api.POST("/api/v1/ib/connection/reconnect"));
      }
    },
    onSuccess: connection.take,
    onError: (error, action) => {
      const trouble = troubleOf(error);
      announcer.tell(FAILED[action], { more: `${trouble.detail} ${trouble.nextStep}`, tone: "bad" });
    },
  });
}

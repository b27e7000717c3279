/** Command one session alone; the news of it comes over the stream, a failure as a reason for people. */
import { useMutation } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";

export type SessionAction = "connect" | "disconnect" | "reconnect" | "failback";

const FAILED: Record<SessionAction, string> = {
  connect: "Not connected",
  disconnect: "Not disconnected",
  reconnect: "Not reconnected",
  failback: "Not returned to the primary",
};

export function useSessionAction(name: string) {
  const { service, announcer } = useDesk();
  const params = { params: { path: { name } } };
  return useMutation<unknown, Error, SessionAction>({
    mutationFn: (action) => {
      switch (action) {
        case "connect":
          return answer(service.api.POST("/api/v1/ib/connection/sessions/{name}/connect", params));
        case "disconnect":
          return answer(service.api.POST("/api/v1/ib/connection/sessions/{name}/disconnect", params));
        case "reconnect":
          return answer(service.api.POST("/api/v1/ib/connection/sessions/{name}/reconnect", params));
        case "failback":
          return answer(service.api.POST("/api/v1/ib/connection/failback"));
      }
    },
    onError: (error, action) => {
      const trouble = troubleOf(error);
      announcer.tell(`${FAILED[action]}: ${name}`, {
        more: `${trouble.detail} ${trouble.nextStep}`,
        tone: "bad",
      });
    },
  });
}

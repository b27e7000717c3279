import { useMutation } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { OrderView } from "@/shared/api/types";
import { describe } from "./words";

/** Ask for a cancel. Its end comes over the stream; a fill that comes first wins. */
export function useCancel() {
  const { service, orders, announcer } = useDesk();
  return useMutation({
    mutationFn: (order: OrderView) =>
      answer(service.api.DELETE("/api/v1/ib/orders/{key}", { params: { path: { key: order.key } } })),
    onSuccess: orders.take,
    onError: (error, order) => {
      const trouble = troubleOf(error);
      const unknown = trouble.outcome === "unknown";
      announcer.tell(`${unknown ? "Cancel not confirmed" : "Not cancelled"}: ${describe(order)}`, {
        more: `${trouble.detail} ${trouble.nextStep}`,
        tone: unknown ? "warn" : "bad",
        about: `cancel ${order.key}`,
      });
    },
  });
}

/** What a person does about risk. Each answer carries the whole of risk, so that it is shown without waiting for news. */
import { useMutation } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import type { RiskLimitsBody, RiskView } from "@/shared/api/types";

export function useKill() {
  const { service, risk } = useDesk();
  return useMutation({
    mutationFn: (reason: string): Promise<RiskView> =>
      answer(service.api.POST("/api/v1/ib/risk/kill", { body: { reason } })),
    onSuccess: risk.take,
  });
}

export function useRelease() {
  const { service, risk } = useDesk();
  return useMutation({
    mutationFn: (reason: string): Promise<RiskView> =>
      answer(service.api.POST("/api/v1/ib/risk/release", { body: { reason } })),
    onSuccess: risk.take,
  });
}

export function useReleaseLoss(account: string) {
  const { service, risk } = useDesk();
  return useMutation({
    mutationFn: (reason: string): Promise<RiskView> =>
      answer(
        service.api.POST("/api/v1/ib/risk/losses/{account}/release", {
          params: { path: { account } },
          body: { reason },
        }),
      ),
    onSuccess: risk.take,
  });
}

export function useLimits() {
  const { service, risk } = useDesk();
  return useMutation({
    mutationFn: ({ scope, body }: { scope: string; body: RiskLimitsBody | null }): Promise<RiskView> => {
      const params = { path: { scope } };
      return body === null
        ? answer(service.api.DELETE("/api/v1/ib/risk/limits/{scope}", { params }))
        : answer(service.api.PUT("/api/v1/ib/risk/limits/{scope}", { params, body }));
    },
    onSuccess: risk.take,
  });
}

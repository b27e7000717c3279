/** What a symbol means at the broker: its price grid, sizes and name. Resolved once a session; it does not change. */
import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { type Trouble, troubleOf } from "@/shared/api/problem";
import type { ContractView } from "@/shared/api/types";

export interface Resolved {
  readonly contract: ContractView | null;
  readonly trouble: Trouble | null;
  readonly looking: boolean;
}

export function useContract(symbol: string): Resolved {
  const { service } = useDesk();
  const query = useQuery({
    queryKey: ["contract", symbol],
    queryFn: () => answer(service.api.GET("/api/v1/ib/instruments", { params: { query: { text: symbol } } })),
    enabled: symbol !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return {
    contract: query.data ?? null,
    trouble: query.error ? troubleOf(query.error) : null,
    looking: query.isFetching,
  };
}

/** Whether the trouble is with the symbol itself, so that no order for it can be meant. */
export function isWrongSymbol(trouble: Trouble | null): boolean {
  return trouble !== null && (trouble.status === 404 || trouble.status === 422);
}

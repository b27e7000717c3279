/**
 * What orders may be: the tables that the service judges by, so that the ticket offers what goes and nothing else.
 *
 * Until they have come, the four types that every contract takes are offered, without anything beside them.
 */
import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import type { ContractView, OrderType, OrderTypesView, TimeInForce } from "@/shared/api/types";

export type Rules = OrderTypesView;
export type Row = Rules["types"][number];
export type Attribute = Rules["attributes"][number];

const row = (order_type: OrderType, title: string, times: TimeInForce[], prices: Row["prices"]): Row => ({
  order_type,
  title,
  times,
  prices,
  listed_as: [],
  fractions: true,
});

export const BASIC: Rules = {
  types: [
    row("MKT", "market", ["DAY", "GTC", "IOC", "FOK"], {}),
    row("LMT", "limit", ["DAY", "GTC", "IOC", "FOK"], { limit_price: "required" }),
    row("STP", "stop", ["DAY", "GTC"], { stop_price: "required" }),
    row("STP LMT", "stop limit", ["DAY", "GTC"], { stop_price: "required", limit_price: "required" }),
  ],
  times: [],
  attributes: [],
  algorithms: [],
  trigger_methods: ["default"],
};

export function useRules(): Rules {
  const { service } = useDesk();
  const query = useQuery({
    queryKey: ["order-types"],
    queryFn: () => answer(service.api.GET("/api/v1/ib/order-types")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return query.data ?? BASIC;
}

const NOTHING: Row = row("MKT", "", ["DAY"], {});

export function rowOf(rules: Rules, type: OrderType): Row {
  return rules.types.find((each) => each.order_type === type) ?? NOTHING;
}

/** Whether the contract lists the type. One that lists nothing leaves it to the broker. */
export function isListed(type: Row, contract: Pick<ContractView, "order_types"> | null): boolean {
  const listed = contract?.order_types ?? [];
  return !listed.length || !type.listed_as.length || type.listed_as.some((word) => listed.includes(word));
}

/** Whether the addition goes with this type and time in force, at this contract. */
export function goes(
  rules: Rules,
  field: string,
  { type, timeInForce }: { type: OrderType; timeInForce: TimeInForce },
  contract: Pick<ContractView, "order_types"> | null = null,
): boolean {
  const attribute = rules.attributes.find((each) => each.field === field);
  if (!attribute) return false;
  const listed = contract?.order_types ?? [];
  // Contract details that do not list DAY speak of types alone, not of what may be added to them.
  const speaks = listed.includes("DAY") && attribute.listed_as !== null;
  return (
    attribute.types.includes(type) &&
    !attribute.not_while.includes(timeInForce) &&
    (!speaks || listed.includes(attribute.listed_as ?? ""))
  );
}

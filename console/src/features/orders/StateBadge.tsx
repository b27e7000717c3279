import type { OrderState } from "@/shared/api/types";
import { Badge } from "@/shared/ui/Badge";
import { STATES } from "./ordersStore";

export function StateBadge({ state }: { state: OrderState }) {
  const { word, tone } = STATES[state];
  return <Badge tone={tone}>{word}</Badge>;
}

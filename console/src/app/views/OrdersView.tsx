import { useState } from "react";
import { Orders, type Which } from "@/features/orders/Orders";
import { Panel } from "@/shared/ui/Panel";
import { Segmented } from "@/shared/ui/Segmented";

const CHOICES = [
  { value: "all", label: "All" },
  { value: "open", label: "Open" },
  { value: "done", label: "Completed" },
] as const satisfies readonly { value: Which; label: string }[];

export function OrdersView() {
  const [which, setWhich] = useState<Which>("all");
  return (
    <Panel
      label="Orders"
      title={<h1 className="font-semibold">Orders</h1>}
      aside={<Segmented label="Which orders" size="sm" value={which} options={CHOICES} onChange={setWhich} />}
      className="h-full"
    >
      <Orders which={which} />
    </Panel>
  );
}

import { useState } from "react";
import { Orders, type Which } from "@/features/orders/Orders";
import { Reconciliation } from "@/features/orders/Reconciliation";
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
    <div className="flex h-full flex-col gap-2">
      <Panel
        label="Orders"
        title={<h1 className="font-semibold">Orders</h1>}
        aside={
          <Segmented label="Which orders" size="sm" value={which} options={CHOICES} onChange={setWhich} />
        }
        className="min-h-0 flex-1"
      >
        <Orders which={which} />
      </Panel>
      <Reconciliation />
    </div>
  );
}

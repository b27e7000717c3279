import { ListOrdered } from "lucide-react";
import { useMemo, useState } from "react";
import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";
import { EmptyState, Loading } from "@/shared/ui/Panel";
import { OrderDrawer } from "./OrderDrawer";
import { OrdersTable } from "./OrdersTable";
import { newestFirst } from "./ordersStore";

export type Which = "open" | "done" | "all";

/** Orders, newest first, live. */
export function Orders({ which }: { which: Which }) {
  const { orders } = useDesk();
  const { loaded, orders: all } = useStore(orders.now);
  const [opened, setOpened] = useState<string | null>(null);
  const shown = useMemo(
    () => newestFirst(all).filter((order) => which === "all" || order.open === (which === "open")),
    [all, which],
  );

  if (!loaded) return <Loading label="Loading orders" />;
  return (
    <>
      {shown.length === 0 ? (
        <EmptyState icon={<ListOrdered />} title={which === "open" ? "No open orders" : "No orders yet"}>
          {which === "open"
            ? "Orders that may still trade stand here."
            : "What you send from the ticket stands here."}
        </EmptyState>
      ) : (
        <OrdersTable orders={shown} label={LABELS[which]} onOpen={setOpened} />
      )}
      {opened && <OrderDrawer orderKey={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

const LABELS: Record<Which, string> = { open: "Open orders", done: "Completed orders", all: "Orders" };

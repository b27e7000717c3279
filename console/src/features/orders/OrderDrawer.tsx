import { useState } from "react";
import { useDesk } from "@/app/desk";
import type { OrderView } from "@/shared/api/types";
import { formatNumber, formatQuantity } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Drawer } from "@/shared/ui/Drawer";
import { TABLE, TD, TD_NUMBER, TH, TH_NUMBER } from "@/shared/ui/table";
import { ExitsForm } from "./ExitsForm";
import { ModifyForm } from "./ModifyForm";
import { canModify } from "./modify";
import { formatPrice } from "./OrdersTable";
import { canCancel } from "./ordersStore";
import { StateBadge } from "./StateBadge";
import { Story } from "./Story";
import { useCancel } from "./useCancel";
import { describe, ROLES, TIMES } from "./words";

/** Everything that is known of one order, live while it is open. */
export function OrderDrawer({ orderKey, onClose }: { orderKey: string; onClose: () => void }) {
  const { orders } = useDesk();
  const order = useStore(orders.now, (now) => now.orders.get(orderKey));
  const cancel = useCancel();
  if (!order) return null;
  return (
    <Drawer title={describe(order)} onClose={onClose}>
      <div className="mb-4 flex items-center gap-2">
        <StateBadge state={order.state} />
        <span className="text-muted">
          {formatQuantity(order.filled)} of {formatQuantity(order.quantity)} filled
        </span>
        {order.open && (
          <Button
            size="sm"
            tone="danger"
            className="ml-auto"
            disabled={!canCancel(order) || cancel.isPending}
            onClick={() => cancel.mutate(order)}
          >
            Cancel order
          </Button>
        )}
      </div>
      <Remarks order={order} />
      {order.open && <Changing order={order} />}
      <h3 className="label mb-1 uppercase">Fills</h3>
      <Fills order={order} />
      <h3 className="label mt-5 mb-1 uppercase">Order</h3>
      <Particulars order={order} />
      <h3 className="label mt-5 mb-1 uppercase">Story</h3>
      <Story order={order} />
    </Drawer>
  );
}

/** Changing the order, and giving it exits, one at a time. */
function Changing({ order }: { order: OrderView }) {
  const [form, setForm] = useState<"modify" | "exits" | null>(null);
  const toggle = (which: "modify" | "exits") => setForm(form === which ? null : which);
  const plain = order.group === "" && Number(order.filled) === 0;
  return (
    <>
      <div className="mb-3 flex gap-2">
        <Button
          size="sm"
          aria-expanded={form === "modify"}
          disabled={!canModify(order)}
          onClick={() => toggle("modify")}
        >
          Modify
        </Button>
        {plain && (
          <Button
            size="sm"
            aria-expanded={form === "exits"}
            disabled={!canModify(order)}
            onClick={() => toggle("exits")}
          >
            Attach exits
          </Button>
        )}
      </div>
      {form === "modify" && <ModifyForm order={order} />}
      {form === "exits" && <ExitsForm order={order} />}
    </>
  );
}

function Remarks({ order }: { order: OrderView }) {
  return (
    <>
      {order.state === "unknown" && (
        <p className="mb-4 rounded-md bg-warn-soft px-3 py-2 text-warn">
          It may or may not be at the broker. It is being reconciled; nothing is sent again by itself.
        </p>
      )}
      {order.pending && (
        <p role="status" className="mb-4 rounded-md bg-warn-soft px-3 py-2 text-warn">
          To become {formatQuantity(order.pending.quantity)}, {order.pending.terms}:{" "}
          {order.pending.state === "unknown"
            ? "whether that took is not known, and the broker is being asked."
            : "the broker has not answered yet."}
        </p>
      )}
      {order.duplicates.length > 0 && (
        <p role="alert" className="mb-4 rounded-md bg-down-soft px-3 py-2 text-down">
          The broker holds further orders under this key: {order.duplicates.join(", ")}. Look at them in TWS.
        </p>
      )}
      {order.reason && (
        <p className="mb-4 rounded-md bg-raised px-3 py-2 break-words">
          {order.code !== null && <span className="text-muted">IB {order.code}: </span>}
          {order.reason}
        </p>
      )}
      {order.notices.map((notice) => (
        <p key={`${notice.code} ${notice.text}`} className="mb-2 rounded-md bg-raised px-3 py-2 break-words">
          <span className="text-muted">IB {notice.code}, in passing: </span>
          {notice.text}
        </p>
      ))}
    </>
  );
}

function Fills({ order }: { order: OrderView }) {
  if (order.fills.length === 0) return <p className="py-2 text-muted">None so far.</p>;
  return (
    <table className={TABLE} aria-label="Fills">
      <thead>
        <tr>
          <th className={classes(TH, "!pl-0")}>Time</th>
          <th className={TH_NUMBER}>Quantity</th>
          <th className={TH_NUMBER}>Price</th>
          <th className={TH}>Exchange</th>
        </tr>
      </thead>
      <tbody>
        {order.fills.map((fill) => (
          <tr key={fill.execution_id} title={fill.execution_id}>
            <td className={classes(TD, "!pl-0 text-muted")}>{formatTime(fill.time)}</td>
            <td className={TD_NUMBER}>{formatQuantity(fill.quantity)}</td>
            <td className={TD_NUMBER}>{formatPrice(fill.price)}</td>
            <td className={TD}>{fill.exchange}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Particulars({ order }: { order: OrderView }) {
  const commissions = order.commissions.map(({ amount, currency }) => `${formatNumber(amount)} ${currency}`);
  const rows: [string, string][] = [
    ["Average price", formatPrice(order.average_price)],
    ["Commission", commissions.join(", ") || "–"],
    [
      "Time in force",
      `${TIMES[order.time_in_force].label}: ${TIMES[order.time_in_force].means.toLowerCase()}`,
    ],
    ["Outside hours", order.outside_hours ? "Yes" : "No"],
    ...order.modifications.map(({ number, quantity, terms, state, reason }): [string, string] => [
      `Change ${number}`,
      `${formatQuantity(quantity)}, ${terms}: ${state.replace("_", " ")}${reason ? ` (${reason})` : ""}`,
    ]),
    ["Group", order.group ? `${order.group} (${ROLES[order.role ?? "member"]})` : "–"],
    ["Account", order.account],
    ["Strategy", order.strategy || "–"],
    ["Created", formatMoment(order.created_at)],
    ["Last change", formatMoment(order.updated_at)],
    ["Key", order.key],
    ["Order id", `${order.order_id} (client ${order.client_id})`],
    ["Permanent id", order.perm_id ? String(order.perm_id) : "none yet"],
    ["Reference in TWS", order.ref],
  ];
  return (
    <dl className="grid grid-cols-[8.5rem_1fr] gap-x-3">
      {rows.map(([name, value]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid border-b border-line/60 py-1.5">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

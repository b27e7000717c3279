import { Pencil, X } from "lucide-react";
import type { OrderView } from "@/shared/api/types";
import { decimalsOf, formatNumber, formatQuantity } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { TABLE, TD, TD_NUMBER, TH, TH_NUMBER } from "@/shared/ui/table";
import { canModify } from "./modify";
import { canCancel } from "./ordersStore";
import { StateBadge } from "./StateBadge";
import { useCancel } from "./useCancel";
import { describe, priceWords, progress, ROLES, sentence } from "./words";

export function OrdersTable({
  orders,
  label,
  onOpen,
}: {
  orders: readonly OrderView[];
  label: string;
  onOpen: (key: string) => void;
}) {
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <table className={TABLE} aria-label={label}>
        <thead>
          <tr>
            <th className={TH}>Time</th>
            <th className={TH}>Symbol</th>
            <th className={TH}>Side</th>
            <th className={TH_NUMBER}>Filled / quantity</th>
            <th className={TH}>Type</th>
            <th className={TH}>State</th>
            <th className={TH_NUMBER}>Average</th>
            <th className={classes(TH, "w-full")}>Said</th>
            <th className={TH}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <OrderRow key={order.key} order={order} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OrderRow({ order, onOpen }: { order: OrderView; onOpen: (key: string) => void }) {
  const cancel = useCancel();
  const name = describe(order);
  const said = order.reason
    ? { code: order.code, text: order.reason }
    : (order.notices.at(-1) ?? NOTHING_SAID);
  return (
    <tr className="group hover:bg-hover" data-order={order.key} data-state={order.state}>
      <td className={classes(TD, "text-muted")} title={formatMoment(order.created_at)}>
        {formatTime(order.created_at)}
      </td>
      <td className={TD}>
        <button
          type="button"
          className="font-semibold hover:underline"
          aria-label={`Details: ${name}`}
          onClick={() => onOpen(order.key)}
        >
          {order.symbol}
        </button>
      </td>
      <td className={classes(TD, "font-semibold", order.side === "BUY" ? "text-up" : "text-down")}>
        {order.side === "BUY" ? "Buy" : "Sell"}
      </td>
      <td className={TD_NUMBER}>
        <span className={Number(order.filled) > 0 ? "font-medium" : "text-muted"}>
          {formatQuantity(order.filled)}
        </span>
        <span className="text-faint"> / </span>
        {formatQuantity(order.quantity)}
        <Progress order={order} />
      </td>
      <td className={TD}>
        {sentence(priceWords(order))} <span className="text-muted">{order.time_in_force}</span>
        {order.role && <span className="ml-1.5 text-2xs text-faint">{ROLES[order.role]}</span>}
        {order.pending && <span className="ml-1.5 text-2xs text-warn">→ {order.pending.terms}</span>}
      </td>
      <td className={TD}>
        <StateBadge state={order.state} />
      </td>
      <td className={TD_NUMBER}>{formatPrice(order.average_price)}</td>
      <td className={classes(TD, "max-w-0 truncate text-muted")} title={said.text}>
        {said.code !== null && <span className="mr-1.5 text-faint">{said.code}</span>}
        {said.text}
      </td>
      <td className={classes(TD, "text-right")}>
        {canModify(order) && (
          <Button size="sm" className="mr-1" onClick={() => onOpen(order.key)} aria-label={`Modify: ${name}`}>
            <Pencil className="size-3.5" aria-hidden /> Modify
          </Button>
        )}
        {order.open && (
          <Button
            size="sm"
            tone="danger"
            disabled={!canCancel(order) || cancel.isPending}
            onClick={() => cancel.mutate(order)}
            aria-label={`Cancel: ${name}`}
          >
            <X className="size-3.5" aria-hidden /> Cancel
          </Button>
        )}
      </td>
    </tr>
  );
}

const NOTHING_SAID = { code: null, text: "" };

function Progress({ order }: { order: OrderView }) {
  const part = progress(order);
  if (part === 0) return null;
  return (
    <span className="mt-0.5 block h-0.5 overflow-hidden rounded-full bg-line" aria-hidden>
      <span className="block h-full bg-up" style={{ width: `${part * 100}%` }} />
    </span>
  );
}

/** An average price, with the decimals it needs: two at least, five at most. */
export function formatPrice(price: string | null | undefined): string {
  return formatNumber(price, Math.min(5, Math.max(2, decimalsOf(price))));
}

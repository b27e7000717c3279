import { CircleCheck, CircleDashed, CircleHelp, CircleX } from "lucide-react";
import { useDesk } from "@/app/desk";
import { formatPrice } from "@/features/orders/OrdersTable";
import { canCancel, STATES } from "@/features/orders/ordersStore";
import { useCancel } from "@/features/orders/useCancel";
import { describe, progress } from "@/features/orders/words";
import type { OrderView } from "@/shared/api/types";
import { formatQuantity } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { type Intent, maySendAgain } from "./intent";

const LOOKS = {
  good: { icon: CircleCheck, tone: "text-up" },
  busy: { icon: CircleDashed, tone: "text-accent" },
  warn: { icon: CircleHelp, tone: "text-warn" },
  bad: { icon: CircleX, tone: "text-down" },
  quiet: { icon: CircleX, tone: "text-muted" },
} as const;

/** What the service and the broker have said of the order, live for as long as it moves. */
export function KnownCard({ order: answered }: { order: OrderView }) {
  const { ticket, orders } = useDesk();
  const order = useStore(orders.now, (now) => now.orders.get(answered.key) ?? answered);
  const cancel = useCancel();
  const { word, tone } = STATES[order.state];
  const { icon: Icon, tone: color } = LOOKS[tone];

  return (
    <section aria-label="Outcome" className="appear space-y-3 p-3" data-state={order.state}>
      <div className="flex items-start gap-2.5">
        <Icon className={classes("mt-0.5 size-5 shrink-0", color)} aria-hidden />
        <div className="min-w-0" role="status">
          <p className={classes("text-base font-semibold", color)}>{word}</p>
          <p className="break-words">{describe(order)}</p>
        </div>
      </div>
      <div>
        <div className="h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden>
          <div
            className="h-full rounded-full bg-up-solid transition-[width]"
            style={{ width: `${progress(order) * 100}%` }}
          />
        </div>
        <p className="mt-1.5 flex justify-between text-muted">
          <span>
            {formatQuantity(order.filled)} of {formatQuantity(order.quantity)} filled
          </span>
          {order.average_price !== null && <span>average {formatPrice(order.average_price)}</span>}
        </p>
      </div>
      {order.state === "unknown" && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          It may or may not be at the broker. It is being reconciled and nothing is sent again by itself: do
          not enter it a second time.
        </p>
      )}
      {order.reason && (
        <p className="rounded-md bg-raised px-3 py-2 break-words">
          {order.code !== null && <span className="text-muted">IB {order.code}: </span>}
          {order.reason}
        </p>
      )}
      <div className="flex gap-2">
        <Button className="flex-1" onClick={ticket.back} autoFocus>
          New order
        </Button>
        {order.open && (
          <Button
            tone="danger"
            disabled={!canCancel(order) || cancel.isPending}
            onClick={() => cancel.mutate(order)}
          >
            Cancel order
          </Button>
        )}
      </div>
    </section>
  );
}

/** The order did not go, or nobody knows: what is wrong, what is certain, and what can be done under the same key. */
export function TroubleCard({ intent }: { intent: Intent & { phase: "refused" | "unsure" } }) {
  const { ticket } = useDesk();
  const { trouble, phase, body, key } = intent;
  const headline =
    phase === "unsure"
      ? "Outcome unknown"
      : trouble.outcome === "rejected"
        ? "Rejected by the broker"
        : "Not sent";
  return (
    <section aria-label="Outcome" className="appear space-y-3 p-3" data-state={phase}>
      <p className="text-muted">{describe(body)}</p>
      <TroubleNote trouble={{ ...trouble, title: headline }}>
        {phase === "unsure" && (
          <Button size="sm" onClick={() => void ticket.check()}>
            Check now
          </Button>
        )}
        {maySendAgain(intent) && (
          <Button size="sm" onClick={() => void ticket.send()}>
            Send again
          </Button>
        )}
      </TroubleNote>
      {phase === "unsure" && (
        <p className="text-xs text-muted">
          The order keeps its key <code className="break-all">{key}</code>: however often it is sent, it is
          one order.
        </p>
      )}
      <Button className="w-full" onClick={ticket.back}>
        {phase === "unsure" ? "Leave it and write a new order" : "Edit the order"}
      </Button>
    </section>
  );
}

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { OrderView } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";

/** Give an order that has not filled its exits: they wait for its fill, and a fill of one ends the other. */
export function ExitsForm({ order }: { order: OrderView }) {
  const { service, orders, announcer } = useDesk();
  const [gain, setGain] = useState("");
  const [loss, setLoss] = useState("");
  const attaching = useMutation({
    mutationFn: () =>
      answer(
        service.api.POST("/api/v1/ib/orders/exits", {
          body: {
            parent: order.key,
            take_profit: gain.trim() ? { ...TERMS, limit_price: gain.trim() } : null,
            stop_loss: loss.trim() ? { ...TERMS, stop_price: loss.trim() } : null,
          },
        }),
      ),
    onSuccess: (group) => {
      for (const each of group.orders) orders.take(each);
      announcer.tell("Exits attached", { more: group.summary, tone: "good", about: `exits ${order.key}` });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    attaching.mutate();
  }

  return (
    <form aria-label="Attach exits" onSubmit={submit} className="mb-5 space-y-3 rounded-md bg-raised p-3">
      <div className="grid grid-cols-2 gap-2">
        <TextField
          label="Take profit"
          inputMode="decimal"
          value={gain}
          onChange={(e) => setGain(e.target.value)}
        />
        <TextField
          label="Stop loss"
          inputMode="decimal"
          value={loss}
          onChange={(e) => setLoss(e.target.value)}
        />
      </div>
      {attaching.isError && <TroubleNote trouble={troubleOf(attaching.error)} />}
      <Button type="submit" disabled={attaching.isPending || (!gain.trim() && !loss.trim())}>
        {attaching.isPending ? "Attaching…" : "Attach exits"}
      </Button>
    </form>
  );
}

const TERMS = {
  outside_hours: false,
  all_or_none: false,
  hidden: false,
  trigger_method: "default",
  guaranteed: true,
} as const;

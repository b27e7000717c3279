import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { OrderView } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { canModify, changesOf, editableOf, type Terms } from "./modify";

/** Change what stands at the broker. Each content that is sent has a key of its own, so that a retry changes nothing twice. */
export function ModifyForm({ order }: { order: OrderView }) {
  const { service, orders, announcer } = useDesk();
  const [terms, setTerms] = useState<Terms>({});
  const changes = changesOf(order, terms);
  const fields = editableOf(order);
  const sending = useMutation({
    mutationFn: (change: { body: Terms; key: string }) =>
      answer(
        service.api.PATCH("/api/v1/ib/orders/{key}", {
          params: { path: { key: order.key }, header: { "idempotency-key": change.key } },
          body: change.body,
        }),
      ),
    onSuccess: (changed) => {
      orders.take(changed);
      setTerms({});
      announcer.tell(changed.pending ? "Change sent, not answered yet" : "Changed", {
        more: changed.summary,
        tone: changed.pending ? "warn" : "good",
        about: `modify ${order.key}`,
      });
    },
  });
  const key = `${order.key.slice(0, 120)}:${order.modifications.length + 1}:${Object.entries(changes)
    .map(([name, value]) => `${name}=${value}`)
    .join(";")}`;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (Object.keys(changes).length) sending.mutate({ body: changes, key });
  }

  return (
    <form aria-label="Modify the order" onSubmit={submit} className="mb-5 space-y-3 rounded-md bg-raised p-3">
      <div className="grid grid-cols-2 gap-2">
        {fields.map(({ name, label }) => (
          <TextField
            key={name}
            label={label}
            inputMode="decimal"
            value={terms[name] ?? order[name] ?? ""}
            onChange={(event) => setTerms({ ...terms, [name]: event.target.value })}
          />
        ))}
      </div>
      {sending.isError && <TroubleNote trouble={troubleOf(sending.error)} />}
      <Button
        type="submit"
        tone="accent"
        disabled={!canModify(order) || sending.isPending || Object.keys(changes).length === 0}
      >
        {sending.isPending ? "Changing…" : "Change order"}
      </Button>
    </form>
  );
}

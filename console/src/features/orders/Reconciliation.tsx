/** The orders here against the broker's: the last asking, what it repaired, what is in doubt, and one now. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { formatQuantity } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Loading, Panel } from "@/shared/ui/Panel";

export function Reconciliation() {
  const { service } = useDesk();
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["reconciliation"],
    queryFn: () => answer(service.api.GET("/api/v1/ib/reconciliation")),
  });
  const run = useMutation({
    mutationFn: () => answer(service.api.POST("/api/v1/ib/reconciliation")),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["reconciliation"] }),
  });
  const fault = run.error?.message ?? error?.message ?? data?.failure ?? "";
  const last = data?.last;
  return (
    <Panel
      label="Reconciliation"
      title="Reconciliation with the broker"
      className="max-h-64 shrink-0 overflow-auto"
      aside={
        <div className="flex items-center gap-2">
          {data && (
            <Badge tone={data.settled ? "good" : "warn"}>{data.settled ? "Settled" : "In doubt"}</Badge>
          )}
          <Button size="sm" disabled={run.isPending} onClick={() => run.mutate()}>
            {run.isPending ? "Asking…" : "Run now"}
          </Button>
        </div>
      }
    >
      {!data && !error ? (
        <Loading label="Loading the last reconciliation" />
      ) : (
        <div className="grid gap-1 px-3 py-2">
          {last ? (
            <p title={formatMoment(last.began)}>
              Asked in full at {formatTime(last.began)} ({last.why}): {last.open} open, {last.completed}{" "}
              completed, {last.executions} executions; held against them, of ours: {last.judged}.
            </p>
          ) : (
            data && <p>The broker has not been asked in full yet.</p>
          )}
          {fault && (
            <p role="alert" className="text-down">
              {fault}
            </p>
          )}
          {data && (
            <>
              <List
                title="In doubt"
                lines={data.doubtful.map((one) => `${one.key} is ${one.state}: ${one.text}`)}
              />
              <List title="Not explained by our books" lines={data.discrepancies.map((one) => one.text)} />
              <List title="Repaired" lines={last?.repairs.map((one) => `${one.key}: ${one.text}`) ?? []} />
              <List
                title="Open orders that were not made here"
                lines={data.foreign_orders.map(
                  (one) =>
                    `${one.side} ${formatQuantity(one.quantity)} ${one.symbol} ${one.order_type}, ${one.status} (client ${one.client_id}, order ${one.order_id}, ${one.account})`,
                )}
              />
              <List
                title="Executions of orders that were not made here"
                lines={
                  last?.foreign_executions.map(
                    (one) =>
                      `${one.side} ${formatQuantity(one.quantity)} ${one.symbol} at ${one.price} (client ${one.client_id}, ${one.account})`,
                  ) ?? []
                }
              />
            </>
          )}
        </div>
      )}
    </Panel>
  );
}

function List({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="font-semibold">{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

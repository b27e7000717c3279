import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { OrderCreate } from "@/shared/api/types";
import { formatNumber } from "@/shared/format/number";

/** What the order would do to margin, and what it would cost, asked of the broker before it is sent. */
export function ImpactNote({ body, currency }: { body: OrderCreate; currency: string }) {
  const { service } = useDesk();
  const asked = useQuery({
    queryKey: ["preview", body],
    queryFn: () => answer(service.api.POST("/api/v1/ib/orders/preview", { body })),
    staleTime: 30_000,
    retry: false,
  });
  if (asked.isPending) return <p className="text-muted">Asking the broker for margin and commission…</p>;
  if (asked.isError) {
    const trouble = troubleOf(asked.error);
    return (
      <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-warn">
        The broker's what-if: {trouble.detail} {trouble.nextStep}
      </p>
    );
  }
  const impact = asked.data;
  const rows: [string, string][] = [
    ["Initial margin", margin(impact.initial_margin)],
    ["Maintenance margin", margin(impact.maintenance_margin)],
    ["Equity with loan after", amount(impact.equity_with_loan.after)],
    ["Commission", commission(impact)],
  ];
  return (
    <section aria-label="What the broker says it would do" className="space-y-1.5 border-t border-line pt-3">
      <dl className="space-y-1.5">
        {rows.map(([name, value]) => (
          <div key={name} className="flex items-center justify-between gap-3">
            <dt className="text-muted">{name}</dt>
            <dd className="font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      {impact.warning && (
        <p className="rounded-md bg-warn-soft px-3 py-2 break-words text-warn">{impact.warning}</p>
      )}
    </section>
  );

  function commission({ commission, commission_min, commission_max, commission_currency }: typeof impact) {
    const unit = commission_currency || currency;
    if (commission !== null) return `${formatNumber(commission)} ${unit}`;
    if (commission_min !== null && commission_max !== null)
      return `${formatNumber(commission_min)} to ${formatNumber(commission_max)} ${unit}`;
    return "not said";
  }
}

const amount = (value: string | null) => (value === null ? "not said" : formatNumber(value));

function margin({ change, after }: { change: string | null; after: string | null }): string {
  if (change === null) return amount(after);
  return `${formatNumber(change, 2, { plus: true })} → ${amount(after)}`;
}

/** Where our books and the broker's numbers have stayed apart, until a person accepts the broker's. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { formatQuantity } from "@/shared/format/number";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";

export function Books() {
  const { service, portfolio } = useDesk();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const account = useStore(portfolio.now, (now) => now.account?.account ?? null);
  const stirred = useStore(portfolio.now, (now) => now.stirred);
  const query = { params: { query: { account: account ?? "" } } };
  const { data } = useQuery({
    queryKey: ["books", account, stirred],
    queryFn: () => answer(service.api.GET("/api/v1/ib/account/books", query)),
    enabled: account !== null,
    placeholderData: (before) => before,
  });
  const accept = useMutation({
    mutationFn: () => answer(service.api.POST("/api/v1/ib/account/books/accept", query)),
    onSettled: () => {
      setSure(false);
      void queries.invalidateQueries({ queryKey: ["books"] });
    },
  });
  if (!data || data.discrepancies.length === 0) return null;
  return (
    <section
      aria-label="Differences from the broker"
      className="shrink-0 rounded-lg border border-line bg-warn-soft p-3"
    >
      <div className="flex items-start gap-2.5">
        <Scale className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">The executions known here do not explain what the broker has</h2>
          <ul className="mt-1">
            {data.discrepancies.map((each) => (
              <li key={`${each.matter}:${each.con_id ?? each.currency}`} title={formatMoment(each.since)}>
                <span className="font-medium">{each.symbol ?? `Cash in ${each.currency}`}</span>: broker{" "}
                {formatQuantity(each.broker)}, here {formatQuantity(each.folded)} (since{" "}
                {formatTime(each.since)})
              </li>
            ))}
          </ul>
          {accept.error && (
            <p role="alert" className="mt-1 text-down">
              {accept.error.message}
            </p>
          )}
        </div>
        {sure ? (
          <div className="flex gap-1.5">
            <Button size="sm" onClick={() => setSure(false)}>
              Keep the difference
            </Button>
            <Button size="sm" tone="accent" disabled={accept.isPending} onClick={() => accept.mutate()}>
              Set ours to the broker's
            </Button>
          </div>
        ) : (
          <Button size="sm" onClick={() => setSure(true)}>
            Accept…
          </Button>
        )}
      </div>
    </section>
  );
}

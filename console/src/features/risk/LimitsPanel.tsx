import { Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import type { RiskLimits } from "@/shared/api/types";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { EmptyState, Loading, Panel } from "@/shared/ui/Panel";
import { LimitsForm } from "./LimitsForm";
import { wordsOf } from "./limits";

/** Every set of limits, by scope: all that an order falls into count. */
export function LimitsPanel() {
  const { risk } = useDesk();
  const sets = useStore(risk.now, ({ risk }) => risk?.limits);
  const [edited, setEdited] = useState<RiskLimits | "new" | null>(null);
  return (
    <Panel
      label="Limits"
      title="Limits"
      aside={
        <Button size="sm" onClick={() => setEdited("new")}>
          <Plus className="size-3.5" aria-hidden /> Add a scope
        </Button>
      }
      className="min-h-56 flex-1"
    >
      {!sets ? (
        <Loading label="Loading limits" />
      ) : sets.length === 0 ? (
        <EmptyState icon={<ShieldCheck />} title="No limits">
          Every order that the broker takes is sent.
        </EmptyState>
      ) : (
        <ul className="min-h-0 flex-1 divide-y divide-line overflow-auto">
          {sets.map((set) => (
            <li key={set.scope} data-scope={set.scope} className="flex items-start gap-3 px-3 py-2.5">
              <div className="min-w-0 flex-1">
                <p className="font-semibold">{titleOf(set.scope)}</p>
                <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
                  {wordsOf(set).map(({ label, value }) => (
                    <div key={label} className="flex gap-1.5">
                      <dt className="text-muted">{label}</dt>
                      <dd className="font-medium">{value}</dd>
                    </div>
                  ))}
                </dl>
              </div>
              <Button
                size="sm"
                onClick={() => setEdited(set)}
                aria-label={`Change limits of ${titleOf(set.scope)}`}
              >
                Change
              </Button>
            </li>
          ))}
        </ul>
      )}
      {edited !== null && (
        <LimitsForm limits={edited === "new" ? null : edited} onClose={() => setEdited(null)} />
      )}
    </Panel>
  );
}

function titleOf(scope: string): string {
  if (scope === "all") return "All orders";
  const [kind = "", ...name] = scope.split(":");
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name.join(":")}`;
}

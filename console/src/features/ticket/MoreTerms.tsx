import type { ReactNode } from "react";
import type { ContractView } from "@/shared/api/types";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import { AlgorithmFields } from "./AlgorithmFields";
import { BesideFields } from "./BesideFields";
import { ConditionFields } from "./ConditionFields";
import type { Draft } from "./draft";
import type { Field } from "./faults";
import { goes, type Rules } from "./rules";
import { zone } from "./TimeFields";

/** What is wrong with a field, where it is to be shown. */
export type Fault = (field: Field) => string | undefined;

export interface Parts {
  draft: Draft;
  rules: Rules;
  fault: Fault;
  write: (part: Partial<Draft>) => void;
}

/** What may be added to the order, folded away until it is wanted; what does not go with the order is not shown. */
export function MoreTerms({ contract, ...parts }: Parts & { contract: ContractView | null }) {
  const { draft, rules } = parts;
  // What is in use stays in sight although the contract does not list it: what is sent is never hidden.
  const has = (field: string, used: boolean) => goes(rules, field, draft, used ? null : contract);
  return (
    <div className="divide-y divide-line border-y border-line">
      <Fold title="Exits and one-cancels-other" set={draft.beside !== "nothing"}>
        <BesideFields {...parts} />
      </Fold>
      {has("conditions", draft.conditions.length > 0) && (
        <Fold title="Conditions" set={draft.conditions.length > 0}>
          <ConditionFields {...parts} />
        </Fold>
      )}
      {has("algorithm", draft.algorithm !== "") && (
        <Fold title="Algorithm" set={draft.algorithm !== ""}>
          <AlgorithmFields {...parts} />
        </Fold>
      )}
      {rules.attributes.length > 0 && (
        <Fold title="Start, size and display" set={isFine(draft)}>
          <FineFields {...parts} has={(field) => has(field, isFine(draft))} />
        </Fold>
      )}
    </div>
  );
}

function isFine(draft: Draft): boolean {
  const words = draft.goodAfter + draft.displaySize + draft.minQuantity + draft.discretionary;
  return words !== "" || draft.allOrNone || draft.hidden || draft.triggerMethod !== "default";
}

function FineFields({ draft, rules, fault, write, has }: Parts & { has: (field: string) => boolean }) {
  const text = (field: "displaySize" | "minQuantity" | "discretionary", label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      value={draft[field]}
      error={fault(field)}
      onChange={(event) => write({ [field]: event.target.value })}
    />
  );
  return (
    <div className="space-y-3">
      {has("good_after") && (
        <TextField
          type="datetime-local"
          label="Begins at"
          hint={`Your time, ${zone()}.`}
          value={draft.goodAfter}
          error={fault("goodAfter")}
          onChange={(event) => write({ goodAfter: event.target.value })}
        />
      )}
      <div className="grid grid-cols-2 gap-3">
        {has("display_size") && text("displaySize", "Shown size")}
        {has("min_quantity") && text("minQuantity", "Minimum fill")}
        {has("discretionary_amount") && text("discretionary", "Discretion")}
      </div>
      {has("trigger_method") && (
        <SelectField
          label="Set off by"
          value={draft.triggerMethod}
          error={fault("triggerMethod")}
          onChange={(event) => write({ triggerMethod: event.target.value as Draft["triggerMethod"] })}
        >
          {rules.trigger_methods.map((method) => (
            <option key={method} value={method}>
              {method.replaceAll("_", " ")}
            </option>
          ))}
        </SelectField>
      )}
      {has("all_or_none") && (
        <CheckField
          label="All or none"
          checked={draft.allOrNone}
          onChange={(event) => write({ allOrNone: event.target.checked })}
        />
      )}
      {has("hidden") && (
        <CheckField
          label="Hidden"
          checked={draft.hidden}
          onChange={(event) => write({ hidden: event.target.checked })}
        />
      )}
    </div>
  );
}

function Fold({ title, set, children }: { title: string; set: boolean; children: ReactNode }) {
  return (
    <details className="group py-2" open={set || undefined}>
      <summary className="flex cursor-pointer items-center justify-between font-medium text-muted hover:text-text">
        {title}
        {set && <span className="text-2xs font-semibold text-accent">in use</span>}
      </summary>
      <div className="pt-3 pb-1">{children}</div>
    </details>
  );
}

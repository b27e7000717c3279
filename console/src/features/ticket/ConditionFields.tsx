import { Plus, X } from "lucide-react";
import { Button } from "@/shared/ui/Button";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import type { ConditionDraft, ConditionKind } from "./draft";
import type { Parts } from "./MoreTerms";

const KINDS: Record<ConditionKind, { label: string; value: string; above: string; below: string }> = {
  price: { label: "Price", value: "Price", above: "At or above", below: "At or below" },
  time: { label: "Time", value: "", above: "After", below: "Before" },
  margin: { label: "Margin cushion", value: "Per cent", above: "At or above", below: "At or below" },
  volume: { label: "Volume", value: "Units", above: "At or above", below: "At or below" },
  change: { label: "Change", value: "Per cent", above: "At or above", below: "At or below" },
  execution: { label: "Execution", value: "", above: "", below: "" },
};

/** What has to hold before the order goes on, or with what it is cancelled. */
export function ConditionFields({ draft, fault, write }: Parts) {
  const { conditions } = draft;
  const change = (id: number, part: Partial<ConditionDraft>) =>
    write({ conditions: conditions.map((each) => (each.id === id ? { ...each, ...part } : each)) });
  const next = Math.max(0, ...conditions.map(({ id }) => id)) + 1;
  const fresh = {
    id: next,
    kind: "price",
    symbol: draft.symbol,
    above: true,
    value: "",
    moment: "",
  } as const;
  return (
    <div className="space-y-3">
      {conditions.map((each, index) => (
        <fieldset
          key={each.id}
          className="space-y-2 rounded-md bg-raised p-2"
          aria-label={`Condition ${index + 1}`}
        >
          <div className="grid grid-cols-[1fr_1fr_auto] items-end gap-2">
            <SelectField
              label="Looks at"
              value={each.kind}
              onChange={(event) => change(each.id, { kind: event.target.value as ConditionKind })}
            >
              {Object.entries(KINDS).map(([kind, { label }]) => (
                <option key={kind} value={kind}>
                  {label}
                </option>
              ))}
            </SelectField>
            {each.kind !== "execution" && (
              <SelectField
                label="Holds"
                value={each.above ? "above" : "below"}
                onChange={(event) => change(each.id, { above: event.target.value === "above" })}
              >
                <option value="above">{KINDS[each.kind].above}</option>
                <option value="below">{KINDS[each.kind].below}</option>
              </SelectField>
            )}
            <Button
              aria-label={`Remove condition ${index + 1}`}
              onClick={() => write({ conditions: conditions.filter(({ id }) => id !== each.id) })}
            >
              <X className="size-3.5" aria-hidden />
            </Button>
          </div>
          <div className="grid grid-cols-2 gap-2">
            {each.kind !== "time" && each.kind !== "margin" && (
              <TextField
                label="Whose"
                value={each.symbol}
                onChange={(event) => change(each.id, { symbol: event.target.value.toUpperCase() })}
              />
            )}
            {KINDS[each.kind].value && (
              <TextField
                label={KINDS[each.kind].value}
                inputMode="decimal"
                value={each.value}
                error={fault(`condition ${each.id}`)}
                onChange={(event) => change(each.id, { value: event.target.value })}
              />
            )}
          </div>
          {each.kind === "time" && (
            <TextField
              type="datetime-local"
              label="Moment"
              value={each.moment}
              error={fault(`condition ${each.id}`)}
              onChange={(event) => change(each.id, { moment: event.target.value })}
            />
          )}
          {each.kind === "execution" && fault(`condition ${each.id}`) && (
            <p role="alert" className="text-xs text-down">
              {fault(`condition ${each.id}`)}
            </p>
          )}
        </fieldset>
      ))}
      <Button size="sm" onClick={() => write({ conditions: [...conditions, fresh] })}>
        <Plus className="size-3.5" aria-hidden /> Add a condition
      </Button>
      {conditions.length > 1 && (
        <SelectField
          label="Together"
          value={draft.conditionsJoin}
          onChange={(event) => write({ conditionsJoin: event.target.value as "all" | "any" })}
        >
          <option value="all">All of them must hold</option>
          <option value="any">Any one of them is enough</option>
        </SelectField>
      )}
      {conditions.length > 0 && (
        <CheckField
          label="They cancel the order instead of sending it on"
          checked={draft.conditionsCancel}
          onChange={(event) => write({ conditionsCancel: event.target.checked })}
        />
      )}
      {fault("conditions") && (
        <p role="alert" className="text-xs text-down">
          {fault("conditions")}
        </p>
      )}
    </div>
  );
}

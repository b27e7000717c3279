import { sentence, TIMES } from "@/features/orders/words";
import type { TimeInForce } from "@/shared/api/types";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import type { Draft } from "./draft";
import type { Fault } from "./MoreTerms";
import { BASIC, goes, type Rules, rowOf } from "./rules";

/** How long it stands, when it begins, and whether outside hours. */
export function TimeFields({
  draft,
  rules,
  fault,
  write,
}: {
  draft: Draft;
  rules: Rules;
  fault: Fault;
  write: (part: Partial<Draft>) => void;
}) {
  const { times } = rowOf(rules, draft.type);
  return (
    <div className="grid grid-cols-2 items-end gap-3">
      <SelectField
        label="Time in force"
        value={draft.timeInForce}
        title={TIMES[draft.timeInForce].means}
        error={fault("timeInForce")}
        onChange={(event) => write({ timeInForce: event.target.value as TimeInForce })}
      >
        {(Object.keys(TIMES) as TimeInForce[])
          .filter((time) => times.includes(time))
          .map((time) => (
            <option key={time} value={time} title={TIMES[time].means}>
              {TIMES[time].label}
            </option>
          ))}
      </SelectField>
      <div className="pb-1.5">
        {(rules === BASIC || goes(rules, "outside_hours", draft)) && (
          <CheckField
            label="Outside hours"
            checked={draft.outsideHours}
            onChange={(event) => write({ outsideHours: event.target.checked })}
          />
        )}
      </div>
      {draft.timeInForce === "GTD" && (
        <TextField
          className="col-span-2"
          type="datetime-local"
          label="Stands until"
          hint={`Your time, ${zone()}.`}
          value={draft.goodTill}
          error={fault("goodTill")}
          onChange={(event) => write({ goodTill: event.target.value })}
        />
      )}
    </div>
  );
}

/** The zone in which times are written here. */
export const zone = () => sentence(Intl.DateTimeFormat().resolvedOptions().timeZone);

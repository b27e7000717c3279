import { FOCUS } from "@/app/shortcuts";
import type { ContractView } from "@/shared/api/types";
import { steppedBy } from "@/shared/format/decimal";
import { Segmented } from "@/shared/ui/Segmented";
import type { Parts } from "./MoreTerms";
import { goes } from "./rules";
import { StepField } from "./StepField";

const SIZINGS = [
  { value: "units", label: "Units" },
  { value: "cash", label: "Cash" },
] as const;

/** How many units, or for how much money where the order and the contract take that. */
export function SizeFields({
  draft,
  rules,
  contract,
  fault,
  write,
}: Parts & { contract: ContractView | null }) {
  const mayBeCash = goes(rules, "cash_quantity", draft, contract);
  return (
    <>
      {(mayBeCash || draft.sizing === "cash") && (
        <Segmented
          label="Sized in"
          size="sm"
          value={draft.sizing}
          options={SIZINGS}
          onChange={(sizing) => write({ sizing })}
        />
      )}
      {draft.sizing === "cash" ? (
        <StepField
          id={FOCUS.quantity}
          label={`Cash${contract ? `, ${contract.instrument.currency}` : ""}`}
          value={draft.cash}
          error={fault("cash")}
          placeholder="0"
          onChange={(cash) => write({ cash })}
          onStep={(direction, times) => write({ cash: steppedBy(draft.cash, direction * times, "100") })}
        />
      ) : (
        <StepField
          id={FOCUS.quantity}
          label="Quantity"
          value={draft.quantity}
          error={fault("quantity")}
          placeholder="0"
          onChange={(quantity) => write({ quantity })}
          onStep={(direction, times) =>
            write({ quantity: steppedBy(draft.quantity, direction * times, contract?.size_increment) })
          }
        />
      )}
    </>
  );
}

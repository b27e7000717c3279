import { sentence } from "@/features/orders/words";
import type { ContractView, OrderType } from "@/shared/api/types";
import { SelectField } from "@/shared/ui/Field";
import { Segmented } from "@/shared/ui/Segmented";
import type { Draft } from "./draft";
import { isListed, type Rules } from "./rules";

const USUAL = [
  { value: "MKT", label: "Market", title: "At the best price there is" },
  { value: "LMT", label: "Limit", title: "At this price or better" },
  { value: "STP", label: "Stop", title: "A market order once the stop price is reached" },
  { value: "STP LMT", label: "Stop limit", title: "A limit order once the stop price is reached" },
] as const satisfies readonly { value: OrderType; label: string; title: string }[];

/** The order type: the usual ones in sight, every other one in the list, those that the contract lists open to choice. */
export function TypeFields({
  draft,
  rules,
  contract,
  error,
  onChange,
}: {
  draft: Draft;
  rules: Rules;
  contract: ContractView | null;
  error: string | undefined;
  onChange: (type: OrderType) => void;
}) {
  const usual = USUAL.some(({ value }) => value === draft.type);
  const others = rules.types.filter((type) => !USUAL.some(({ value }) => value === type.order_type));
  return (
    <div className="space-y-2">
      <Segmented<OrderType> label="Order type" value={draft.type} options={USUAL} onChange={onChange} />
      {others.length > 0 && (
        <SelectField
          label="Further types"
          value={usual ? "" : draft.type}
          error={error}
          onChange={(event) => onChange((event.target.value || "LMT") as OrderType)}
        >
          <option value="">{usual ? "–" : "None of these: limit"}</option>
          {others.map((type) => {
            const listed = isListed(type, contract);
            return (
              <option key={type.order_type} value={type.order_type} disabled={!listed}>
                {sentence(type.title)}
                {!listed && " (not for this contract)"}
              </option>
            );
          })}
        </SelectField>
      )}
    </div>
  );
}

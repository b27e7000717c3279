import { SelectField, TextField } from "@/shared/ui/Field";
import type { Draft } from "./draft";
import type { Parts } from "./MoreTerms";

/** What goes out with the order: exits that wait for its fill, or another order of which one cancels the other. */
export function BesideFields({ draft, fault, write }: Parts) {
  const price = (field: "takeProfit" | "stopLoss" | "otherLimit" | "otherStop", label: string) => (
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
      <SelectField
        label="Send with it"
        value={draft.beside}
        onChange={(event) => write({ beside: event.target.value as Draft["beside"], otherSide: draft.side })}
      >
        <option value="nothing">Nothing</option>
        <option value="exits">Exits of its fill (bracket)</option>
        <option value="alternative">Another order: one cancels the other</option>
      </SelectField>
      {draft.beside === "exits" && (
        <div className="grid grid-cols-2 gap-3">
          {price("takeProfit", "Take profit")}
          {price("stopLoss", "Stop loss")}
        </div>
      )}
      {draft.beside === "alternative" && (
        <>
          <SelectField
            label="The other order"
            hint="For the same symbol and quantity. A fill of one cancels the other."
            value={draft.otherSide}
            onChange={(event) => write({ otherSide: event.target.value as Draft["otherSide"] })}
          >
            <option value="BUY">Buy</option>
            <option value="SELL">Sell</option>
          </SelectField>
          <div className="grid grid-cols-2 gap-3">
            {price("otherLimit", "Its limit price")}
            {price("otherStop", "Its stop price")}
          </div>
        </>
      )}
    </div>
  );
}

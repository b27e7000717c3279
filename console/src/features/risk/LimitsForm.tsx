import { useState } from "react";
import { troubleOf } from "@/shared/api/problem";
import type { RiskLimits } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { Drawer } from "@/shared/ui/Drawer";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { ACTIONS, AMOUNTS, bodyOf, draftOf, LISTS, type LimitWords } from "./limits";
import { useLimits } from "./useRisk";

const KINDS = { strategy: "Strategy", account: "Account", instrument: "Instrument" } as const;
const NAMES: Record<string, string> = {
  strategy: "momentum",
  account: "DU1000001",
  instrument: "AAPL, OPT:SPY, FUT:*",
};

/** The limits of one scope; a scope without limits yet where `limits` is null. */
export function LimitsForm({ limits, onClose }: { limits: RiskLimits | null; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(limits));
  const [kind, setKind] = useState("strategy");
  const [name, setName] = useState("");
  const saving = useLimits();
  const scope = limits?.scope ?? `${kind}:${name.trim()}`;
  const write = (field: string, value: string) => setDraft((before) => ({ ...before, [field]: value }));
  const field = ({ name, label, unit, hint }: LimitWords) => (
    <TextField
      key={name}
      label={label}
      aside={unit}
      hint={hint}
      placeholder="no limit"
      value={draft[name] ?? ""}
      onChange={(event) => write(name, event.target.value)}
    />
  );
  return (
    <Drawer title={limits ? `Limits: ${limits.scope}` : "Limits of a new scope"} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate({ scope, body: bodyOf(draft) }, { onSuccess: onClose });
        }}
      >
        {!limits && (
          <div className="grid grid-cols-2 gap-3">
            <SelectField label="Orders of" value={kind} onChange={(event) => setKind(event.target.value)}>
              {Object.entries(KINDS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </SelectField>
            <TextField
              label="Name"
              value={name}
              placeholder={NAMES[kind]}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
        )}
        <p className="text-muted">
          They count for every order from then on, beside those of wider scopes. What is not known is refused.
        </p>
        <div className="grid grid-cols-2 gap-3">{AMOUNTS.map(field)}</div>
        <SelectField
          label="At the daily loss"
          value={draft.on_daily_loss}
          onChange={(event) => write("on_daily_loss", event.target.value)}
        >
          {Object.entries(ACTIONS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        {LISTS.map(field)}
        <CheckField
          label="Only while the market is open"
          hint="Orders for outside regular hours: in any session."
          checked={draft.market_hours === "on"}
          onChange={(event) => write("market_hours", event.target.checked ? "on" : "")}
        />
        <CheckField
          label="No new risk while the broker's numbers are unexplained"
          hint="Until the difference to our own books is accepted."
          checked={draft.block_on_unexplained === "on"}
          onChange={(event) => write("block_on_unexplained", event.target.checked ? "on" : "")}
        />
        {saving.error && <TroubleNote trouble={troubleOf(saving.error)} />}
        <div className="flex justify-end gap-2">
          {limits && (
            <Button
              tone="danger"
              className="mr-auto"
              disabled={saving.isPending}
              onClick={() => saving.mutate({ scope, body: null }, { onSuccess: onClose })}
            >
              Take all away
            </Button>
          )}
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" tone="accent" disabled={saving.isPending}>
            {saving.isPending ? "Saving…" : "Save limits"}
          </Button>
        </div>
      </form>
    </Drawer>
  );
}

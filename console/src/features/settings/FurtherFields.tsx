import type { ChangeEvent } from "react";
import { SelectField, TextField } from "@/shared/ui/Field";
import type { Typed } from "./form";

type Text = Exclude<keyof Typed, "auto_connect" | "active">;

/** Several gateways and sessions, and how patient they are kept: what most set-ups never change. */
export function FurtherFields({
  text,
  failback,
  locked,
  change,
}: {
  text: (
    field: Text,
    hint?: string,
  ) => {
    value: string;
    error: string | undefined;
    hint: string | undefined;
    disabled: boolean;
    onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  };
  failback: string;
  locked: (field: keyof Typed, hint?: string) => { disabled: boolean; hint: string | undefined };
  change: (part: Partial<Typed>) => void;
}) {
  return (
    <>
      <SelectField
        label="Return from a backup"
        value={failback}
        {...locked("failback")}
        onChange={(event) => change({ failback: event.target.value })}
      >
        <option value="reconnect">Whenever a new link must be made anyway</option>
        <option value="asked">Only when a person asks</option>
      </SelectField>
      <TextField
        label="Market-data sessions"
        placeholder="10.0.0.3:4002/11?kinds=OPT+FUT&lines=200&name=options"
        {...text(
          "data_sessions",
          "host:port/client id each, separated by commas; they carry prices and never orders, and come and go at once",
        )}
      />
      <details>
        <summary className="cursor-pointer text-muted">
          Patience: time-outs, heartbeat, circuit breaker
        </summary>
        <div className="mt-3 grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <TextField
            label="Request time-out, seconds"
            inputMode="decimal"
            {...text("request_timeout", "For one answer of IB")}
          />
          <TextField
            label="Order answer time-out, seconds"
            inputMode="decimal"
            {...text("answer_timeout", "After it an order that IB says nothing of is unknown")}
          />
          <TextField label="Heartbeat every, seconds" inputMode="decimal" {...text("heartbeat_interval")} />
          <TextField
            label="Breaker opens after failures"
            inputMode="numeric"
            {...text("breaker_failures", "Failed attempts in a row")}
          />
          <TextField
            label="Breaker stays open, seconds"
            inputMode="decimal"
            {...text("breaker_cooldown", "Then one probe is made")}
          />
        </div>
      </details>
    </>
  );
}

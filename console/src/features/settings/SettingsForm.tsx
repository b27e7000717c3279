import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { useConnectionAction } from "@/features/connection/useConnectionAction";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { SettingsView } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { faults, PORTS, portRemark, settingsOf, type Typed, typed } from "./form";
import { TestConnection } from "./TestConnection";

export function SettingsForm({ view }: { view: SettingsView }) {
  const { service, announcer } = useDesk();
  const queries = useQueryClient();
  const [form, setForm] = useState<Typed>(() => typed(view.settings));
  const [tried, setTried] = useState(false);
  const found = faults(form);
  // The built-in gateway has a port of its own.
  const remark = form.host.trim() ? portRemark(form.port) : null;
  const isChosen = (port: number) => form.host.trim() !== "" && form.port === String(port);
  const change = (part: Partial<Typed>) => setForm((now) => ({ ...now, ...part }));
  const text = (field: Exclude<keyof Typed, "auto_connect" | "active">) => ({
    value: form[field],
    error: tried || form[field] !== typed(view.settings)[field] ? found[field] : undefined,
    onChange: (event: ChangeEvent<HTMLInputElement>) => change({ [field]: event.target.value }),
  });

  const save = useMutation({
    mutationFn: () => answer(service.api.PUT("/api/v1/ib/settings", { body: settingsOf(form) })),
    onSuccess: (saved) => {
      queries.setQueryData(["settings"], saved);
      announcer.tell("Settings saved", {
        more: saved.restart.length
          ? "Some are used from the next start of the service on."
          : saved.pending.length
            ? "Some are used from the next reconnect on."
            : "",
        tone: "good",
      });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length === 0) save.mutate();
  }

  return (
    <form onSubmit={submit} className="space-y-4 p-3" noValidate aria-label="Connection settings">
      <Pending view={view} />
      {view.restart.length > 0 && (
        <p className="rounded-md bg-accent-soft px-3 py-2">
          Saved, and used from the next start of the service on: {wordsOf(view.restart)}.
        </p>
      )}
      <div className="grid grid-cols-[1fr_7rem_7rem] gap-3 max-sm:grid-cols-1">
        <TextField label="Host" placeholder="Empty: built-in paper gateway" {...text("host")} />
        <TextField label="Port" inputMode="numeric" {...text("port")} />
        <TextField label="Client id" inputMode="numeric" {...text("client_id")} />
      </div>
      <div className="-mt-2 space-y-2">
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="sr-only">Usual ports</legend>
          {PORTS.map(({ port, label, live }) => (
            <button
              key={port}
              type="button"
              aria-pressed={isChosen(port)}
              onClick={() => change({ port: String(port), host: form.host.trim() || "127.0.0.1" })}
              className={classes(
                "h-6 rounded border px-2 text-xs",
                isChosen(port) ? "border-accent bg-accent-soft text-accent" : "border-line text-muted",
                live && "border-dashed",
              )}
            >
              {label} <span className="text-faint">{port}</span>
            </button>
          ))}
        </fieldset>
        {remark && (
          <p
            role={remark.live ? "alert" : undefined}
            className={classes(
              "text-xs",
              remark.live ? "rounded bg-down-soft px-2 py-1.5 font-medium text-down" : "text-muted",
            )}
          >
            {remark.text}
          </p>
        )}
        <p className="text-xs text-muted">
          Keep the client id: another id cannot manage the orders sent under this one.
        </p>
      </div>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <TextField label="Account" placeholder="First of the login" {...text("account")} />
        <SelectField
          label="Market data"
          value={form.market_data_type}
          onChange={(event) => change({ market_data_type: event.target.value })}
        >
          <option value="1">Live</option>
          <option value="2">Frozen</option>
          <option value="3">Delayed</option>
          <option value="4">Delayed, frozen</option>
        </SelectField>
        <TextField label="Connection time-out, seconds" inputMode="decimal" {...text("connection_timeout")} />
        <TextField
          label="Attempts before giving up"
          hint="0 never gives up"
          inputMode="numeric"
          {...text("retry_attempts")}
        />
      </div>
      <TextField
        label="Market-data permissions, for people"
        placeholder="US equities, CME"
        hint="Notes, separated by commas"
        {...text("market_data_permissions")}
      />
      <div className="flex flex-wrap gap-x-8 gap-y-2">
        <CheckField
          label="Connect when the service starts"
          checked={form.auto_connect}
          onChange={(event) => change({ auto_connect: event.target.checked })}
        />
        <CheckField
          label="Active"
          hint="Off: stays disconnected until a person connects"
          checked={form.active}
          onChange={(event) => change({ active: event.target.checked })}
        />
      </div>
      {view.warnings.map(({ field, message }) => (
        <p key={field + message} className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          {message}
        </p>
      ))}
      {save.error && <TroubleNote trouble={troubleOf(save.error)} />}
      <div className="flex flex-wrap items-start gap-2 border-t border-line pt-3">
        <Button type="submit" tone="accent" disabled={save.isPending}>
          {save.isPending ? "Saving…" : "Save settings"}
        </Button>
        <TestConnection host={form.host} port={form.port} disabled={Boolean(found.host || found.port)} />
      </div>
    </form>
  );
}

/** What is saved but not yet used. */
function Pending({ view }: { view: SettingsView }) {
  const act = useConnectionAction();
  const queries = useQueryClient();
  if (view.pending.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-accent-soft px-3 py-2">
      <p>Saved, and used from the next reconnect on: {wordsOf(view.pending)}.</p>
      <Button
        size="sm"
        disabled={act.isPending}
        onClick={() =>
          act.mutate("reconnect", {
            onSettled: () => void queries.invalidateQueries({ queryKey: ["settings"] }),
          })
        }
      >
        {act.isPending ? "Reconnecting…" : "Reconnect now"}
      </Button>
    </div>
  );
}

const wordsOf = (fields: readonly string[]) => fields.map((name) => name.replace(/_/g, " ")).join(", ");

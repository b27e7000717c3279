import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { ProfileView, SettingsView } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { CheckField, SelectField, TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { FurtherFields } from "./FurtherFields";
import { changesOf, faults, fixedBy, PORTS, portRemark, type Typed, trialOf, typed, valuesOf } from "./form";
import { Pending } from "./Pending";
import { TestConnection } from "./TestConnection";

/** The connection settings of one profile; made anew for each version of it. */
export function SettingsForm({ view, profile }: { view: SettingsView; profile: ProfileView }) {
  const { service, announcer } = useDesk();
  const queries = useQueryClient();
  const [saved] = useState<Typed>(() => typed(valuesOf(profile, view)));
  const [form, setForm] = useState<Typed>(saved);
  const [tried, setTried] = useState(false);
  const found = faults(form);
  const fixed = fixedBy(profile, view);
  const changes = changesOf(form, saved);
  const touched = Object.keys(changes).length > 0;
  // The built-in gateway has a port of its own.
  const remark = form.host.trim() ? portRemark(form.port) : null;
  const isChosen = (port: number) => form.host.trim() !== "" && form.port === String(port);
  const change = (part: Partial<Typed>) => setForm((now) => ({ ...now, ...part }));
  /** What keeps a field from being changed here is said beside it. */
  const locked = (field: keyof Typed, hint?: string) => ({
    disabled: field in fixed,
    hint: field in fixed ? `Set by ${fixed[field]}; change it there.` : hint,
  });
  const text = (field: Exclude<keyof Typed, "auto_connect" | "active">, hint?: string) => ({
    value: form[field],
    error: tried || form[field] !== saved[field] ? found[field] : undefined,
    onChange: (event: ChangeEvent<HTMLInputElement>) => change({ [field]: event.target.value }),
    ...locked(field, hint),
  });

  const refresh = () => queries.invalidateQueries({ queryKey: ["settings"] });
  const save = useMutation({
    mutationFn: () =>
      answer(
        service.api.PATCH("/api/v1/ib/profiles/{name}", {
          params: {
            path: { name: profile.name },
            header: { "If-Match": `"${profile.name}:${profile.version}"` },
          },
          body: changes,
        }),
      ),
    onSuccess: async () => {
      announcer.tell(`Profile ${profile.name} saved`, { tone: "good" });
      await refresh();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (touched && Object.keys(found).length === 0 && !save.isPending) save.mutate();
  }

  return (
    <form onSubmit={submit} className="space-y-4 p-3" noValidate aria-label={`Settings of ${profile.name}`}>
      {profile.current && <Pending view={view} />}
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
              disabled={"port" in fixed || "host" in fixed}
              aria-pressed={isChosen(port)}
              onClick={() => change({ port: String(port), host: form.host.trim() || "127.0.0.1" })}
              className={classes(
                "h-6 rounded border px-2 text-xs disabled:cursor-not-allowed disabled:opacity-45",
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
          {...locked("market_data_type", "For streams that are opened from then on")}
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
          inputMode="numeric"
          {...text("retry_attempts", "0 never gives up")}
        />
      </div>
      <TextField
        label="Market-data permissions, for people"
        placeholder="US equities, CME"
        {...text("market_data_permissions", "Notes, separated by commas")}
      />
      <TextField
        label="Backup gateways"
        placeholder="10.0.0.2:4002, 10.0.0.3:4002"
        {...text(
          "backups",
          "Tried in this order while the gateway above cannot be had; they need the account named",
        )}
      />
      <FurtherFields text={text} failback={form.failback} locked={locked} change={change} />
      <div className="flex flex-wrap gap-x-8 gap-y-2">
        <CheckField
          label="Connect when the service starts"
          checked={form.auto_connect}
          {...locked("auto_connect")}
          onChange={(event) => change({ auto_connect: event.target.checked })}
        />
        <CheckField
          label="Active"
          checked={form.active}
          {...locked("active", "Off: stays disconnected until a person connects")}
          onChange={(event) => change({ active: event.target.checked })}
        />
      </div>
      {profile.overridden.length > 0 && !profile.current && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          Does not count while it is set elsewhere:{" "}
          {profile.overridden.map(({ field, by }) => `${field.replace(/_/g, " ")} (${by})`).join(", ")}.
        </p>
      )}
      {(profile.current ? view.warnings : profile.warnings)
        .filter(({ field }) => field !== "port")
        .map(({ field, message }) => (
          <p key={field + message} className="rounded-md bg-warn-soft px-3 py-2 text-warn">
            {message}
          </p>
        ))}
      {save.error && (
        <TroubleNote trouble={troubleOf(save.error)}>
          {troubleOf(save.error).slug === "profile-changed" && (
            <Button size="sm" onClick={() => void refresh()}>
              Load what is saved now
            </Button>
          )}
        </TroubleNote>
      )}
      <div className="flex flex-wrap items-start gap-2 border-t border-line pt-3">
        <Button type="submit" tone="accent" disabled={!touched || save.isPending}>
          {save.isPending ? "Saving…" : "Save settings"}
        </Button>
        <Button disabled={!touched || save.isPending} onClick={() => setForm(saved)}>
          Undo
        </Button>
        <TestConnection trial={trialOf(form)} disabled={Object.keys(found).length > 0} />
      </div>
    </form>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { ProfileView } from "@/shared/api/types";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Modal } from "@/shared/ui/Drawer";
import { SelectField, TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { portRemark } from "./form";

type Asked = "nothing" | "new" | "delete" | "activate";

/** Which profile is looked at, and what can be done with it as a whole. */
export function ProfileBar({
  profiles,
  profile,
  onChoose,
}: {
  profiles: readonly ProfileView[];
  profile: ProfileView;
  onChoose: (name: string | null) => void;
}) {
  const [asked, setAsked] = useState<Asked>("nothing");
  const close = () => setAsked("nothing");
  return (
    <div className="flex flex-wrap items-end gap-2 border-b border-line p-3">
      <SelectField
        label="Profile"
        className="min-w-44 flex-1"
        value={profile.name}
        onChange={(event) => onChoose(event.target.value)}
      >
        {profiles.map(({ name, current }) => (
          <option key={name} value={name}>
            {current ? `${name} (in use)` : name}
          </option>
        ))}
      </SelectField>
      <div className="flex h-8 items-center gap-2">
        {profile.current ? (
          <Badge tone="good">In use</Badge>
        ) : (
          <Button tone="accent" onClick={() => setAsked("activate")}>
            Use this profile…
          </Button>
        )}
        {profile.in_session && !profile.current && <Badge tone="warn">Still connected by it</Badge>}
        <Button onClick={() => setAsked("new")}>New…</Button>
        <Button
          tone="danger"
          disabled={profile.current || profile.in_session}
          onClick={() => setAsked("delete")}
        >
          Delete…
        </Button>
      </div>
      {asked === "new" && <NewProfile from={profile} onClose={close} onMade={onChoose} />}
      {asked === "activate" && <Activate profile={profile} onClose={close} />}
      {asked === "delete" && <Delete profile={profile} onClose={close} onDeleted={() => onChoose(null)} />}
    </div>
  );
}

const tagOf = ({ name, version }: ProfileView) => ({ "If-Match": `"${name}:${version}"` });

function useRefreshed() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["settings"] });
}

function NewProfile({
  from,
  onClose,
  onMade,
}: {
  from: ProfileView;
  onClose: () => void;
  onMade: (name: string) => void;
}) {
  const { service, announcer } = useDesk();
  const refreshed = useRefreshed();
  const [name, setName] = useState("");
  const fine = /^[a-z0-9][a-z0-9._-]{0,39}$/.test(name);
  const make = useMutation({
    mutationFn: () => answer(service.api.POST("/api/v1/ib/profiles", { body: { name, copy_of: from.name } })),
    onSuccess: async (made) => {
      await refreshed();
      onMade(made.name);
      announcer.tell(`Profile ${made.name} made`, { more: `It begins as ${from.name} is.`, tone: "good" });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fine && !make.isPending) make.mutate();
  };
  return (
    <Modal title="New profile" onClose={onClose}>
      <form onSubmit={submit} className="space-y-3" noValidate>
        <TextField
          label="Name"
          value={name}
          autoFocus
          placeholder="tws-paper"
          hint={`It begins with the settings of ${from.name}.`}
          error={name && !fine ? 'Small letters, digits, ".", "_" and "-", up to 40 of them.' : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        {make.error && <TroubleNote trouble={troubleOf(make.error)} />}
        <Button type="submit" tone="accent" disabled={!fine || make.isPending}>
          Make profile
        </Button>
      </form>
    </Modal>
  );
}

function Activate({ profile, onClose }: { profile: ProfileView; onClose: () => void }) {
  const { service, announcer } = useDesk();
  const refreshed = useRefreshed();
  const live = profile.settings.host ? portRemark(String(profile.settings.port)) : null;
  const activate = useMutation({
    mutationFn: (reconnect: boolean) =>
      answer(
        service.api.POST("/api/v1/ib/profiles/{name}/activate", {
          params: { path: { name: profile.name }, query: { reconnect }, header: tagOf(profile) },
        }),
      ),
    // Where the connect fails the profile is in use all the same.
    onSettled: refreshed,
    onSuccess: (_, reconnect) => {
      announcer.tell(`Profile ${profile.name} is in use`, {
        more: reconnect ? "Connected by it." : "The next connect goes by it.",
        tone: "good",
      });
      onClose();
    },
  });
  return (
    <Modal title={`Use ${profile.name}?`} onClose={onClose}>
      <div className="space-y-3">
        <p>
          Its settings take the place of those in use. Orders at the broker stay as they are; those of another
          client id cannot be managed under this one.
        </p>
        {live?.live && (
          <p role="alert" className="rounded bg-down-soft px-2 py-1.5 font-medium text-down">
            {live.text}
          </p>
        )}
        {activate.error && <TroubleNote trouble={troubleOf(activate.error)} />}
        <div className="flex flex-wrap gap-2">
          <Button tone="accent" disabled={activate.isPending} onClick={() => activate.mutate(true)}>
            {activate.isPending ? "Connecting…" : "Use and reconnect now"}
          </Button>
          <Button disabled={activate.isPending} onClick={() => activate.mutate(false)}>
            Use at the next connect
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Delete({
  profile,
  onClose,
  onDeleted,
}: {
  profile: ProfileView;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const { service, announcer } = useDesk();
  const refreshed = useRefreshed();
  const remove = useMutation({
    mutationFn: () =>
      answer(
        service.api.DELETE("/api/v1/ib/profiles/{name}", {
          params: { path: { name: profile.name }, header: tagOf(profile) },
        }),
      ),
    onSuccess: async () => {
      onDeleted();
      await refreshed();
      announcer.tell(`Profile ${profile.name} deleted`, { tone: "good" });
      onClose();
    },
  });
  return (
    <Modal title={`Delete ${profile.name}?`} onClose={onClose}>
      <div className="space-y-3">
        <p>
          Its settings{profile.login_kept_at ? ", and the login that is kept for its gateway," : ""} are
          forgotten for good.
        </p>
        {remove.error && <TroubleNote trouble={troubleOf(remove.error)} />}
        <Button tone="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          Delete profile
        </Button>
      </div>
    </Modal>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import { Button } from "@/shared/ui/Button";
import { Loading, Panel } from "@/shared/ui/Panel";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { ProfileBar } from "./ProfileBar";
import { SettingsForm } from "./SettingsForm";

/** Named sets of settings: choose one, change it, try it out, use it. */
export function SettingsPanel() {
  const { service } = useDesk();
  const [chosen, setChosen] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ["settings"],
    queryFn: async () => {
      const [view, list] = await Promise.all([
        answer(service.api.GET("/api/v1/ib/settings")),
        answer(service.api.GET("/api/v1/ib/profiles")),
      ]);
      return { view, profiles: list.profiles };
    },
  });
  if (!query.data) {
    return (
      <Panel label="Connection settings" title="Connection settings">
        {query.error ? (
          <TroubleNote trouble={troubleOf(query.error)} className="m-3">
            <Button size="sm" onClick={() => void query.refetch()}>
              Try again
            </Button>
          </TroubleNote>
        ) : (
          <Loading label="Loading the settings" rows={6} />
        )}
      </Panel>
    );
  }
  const { view, profiles } = query.data;
  const profile = profiles.find(({ name }) => name === (chosen ?? view.profile)) ?? profiles[0];
  if (!profile) return null;
  return (
    <Panel label="Connection settings" title="Connection settings">
      <ProfileBar profiles={profiles} profile={profile} onChoose={setChosen} />
      <SettingsForm
        key={`${profile.name}:${profile.version}:${profile.current}`}
        view={view}
        profile={profile}
      />
    </Panel>
  );
}

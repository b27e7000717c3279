import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import { Button } from "@/shared/ui/Button";
import { Loading, Panel } from "@/shared/ui/Panel";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { SettingsForm } from "./SettingsForm";

export function SettingsPanel() {
  const { service } = useDesk();
  const query = useQuery({
    queryKey: ["settings"],
    queryFn: () => answer(service.api.GET("/api/v1/ib/settings")),
  });
  return (
    <Panel label="Connection settings" title="Connection settings">
      {query.data ? (
        <SettingsForm key={JSON.stringify(query.data.settings)} view={query.data} />
      ) : query.error ? (
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

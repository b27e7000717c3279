import type { Choice, Themes } from "@/app/theme";
import { ConnectionLog } from "@/features/connection/ConnectionLog";
import { PacingPanels } from "@/features/connection/PacingPanel";
import { SessionsPanel } from "@/features/connection/SessionsPanel";
import { StatusPanel } from "@/features/connection/StatusPanel";
import { SettingsPanel } from "@/features/settings/SettingsPanel";
import { useStore } from "@/shared/store";
import { Panel } from "@/shared/ui/Panel";
import { Segmented } from "@/shared/ui/Segmented";

const CHOICES = [
  { value: "system", label: "As the system" },
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
] as const satisfies readonly { value: Choice; label: string }[];

export function ConnectionView({ themes }: { themes: Themes }) {
  const choice = useStore(themes.choice);
  return (
    <div className="grid items-start gap-2 lg:grid-cols-2">
      <h1 className="sr-only">Connection and settings</h1>
      <div className="grid gap-2">
        <StatusPanel />
        <SessionsPanel />
        <PacingPanels />
        <ConnectionLog />
      </div>
      <div className="grid gap-2">
        <SettingsPanel />
        <Panel label="Appearance" title="Appearance">
          <div className="max-w-sm p-3">
            <Segmented label="Theme" value={choice} options={CHOICES} onChange={themes.choose} />
          </div>
        </Panel>
      </div>
    </div>
  );
}

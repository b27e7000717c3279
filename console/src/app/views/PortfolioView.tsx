import { AccountPanel } from "@/features/account/AccountPanel";
import { Positions } from "@/features/positions/Positions";
import { StaleTag } from "@/features/positions/StaleTag";
import { Panel } from "@/shared/ui/Panel";

export function PortfolioView() {
  return (
    <div className="flex h-full flex-col gap-2">
      <h1 className="sr-only">Portfolio</h1>
      <AccountPanel />
      <Panel label="Positions" title="Positions" aside={<StaleTag />} className="flex-1">
        <Positions />
      </Panel>
    </div>
  );
}

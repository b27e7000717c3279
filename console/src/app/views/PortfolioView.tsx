import { AccountPanel } from "@/features/account/AccountPanel";
import { Books } from "@/features/account/Books";
import { DailyPnl } from "@/features/account/DailyPnl";
import { Executions } from "@/features/executions/Executions";
import { Positions } from "@/features/positions/Positions";
import { StaleTag } from "@/features/positions/StaleTag";
import { Panel } from "@/shared/ui/Panel";

export function PortfolioView() {
  return (
    <div className="flex min-h-full flex-col gap-2">
      <h1 className="sr-only">Portfolio</h1>
      <Books />
      <DailyPnl />
      <AccountPanel />
      <Panel label="Positions" title="Positions" aside={<StaleTag />} className="min-h-40 flex-1">
        <Positions />
      </Panel>
      <Executions />
    </div>
  );
}

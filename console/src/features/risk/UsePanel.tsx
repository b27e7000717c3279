import { useState } from "react";
import { useDesk } from "@/app/desk";
import { toneOf } from "@/features/account/AccountStrip";
import type { DailyLoss, RiskUse } from "@/shared/api/types";
import { formatNumber, numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Loading, Panel } from "@/shared/ui/Panel";
import { TABLE, TD, TD_NUMBER, TH, TH_NUMBER } from "@/shared/ui/table";
import { ReasonDialog } from "./ReasonDialog";
import { useReleaseLoss } from "./useRisk";

/** What each account uses of its limits, as far as it is known. */
export function UsePanel() {
  const { risk } = useDesk();
  const now = useStore(risk.now, ({ risk }) => risk);
  return (
    <Panel label="Accounts at risk" title="Accounts">
      {!now ? (
        <Loading label="Loading accounts" rows={2} />
      ) : (
        <div className="overflow-auto">
          <table className={TABLE} aria-label="Use of limits">
            <thead>
              <tr>
                <th className={TH}>Account</th>
                <th className={TH_NUMBER}>Open orders</th>
                <th className={TH_NUMBER}>Exposure</th>
                <th className={TH_NUMBER}>Daily P&L</th>
                <th className={TH_NUMBER}>Available funds</th>
                <th className={TH}>Daily loss limit</th>
              </tr>
            </thead>
            <tbody>
              {now.uses.map((use) => (
                <Row
                  key={use.account}
                  use={use}
                  loss={now.losses.find(({ account }) => account === use.account)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ use, loss }: { use: RiskUse; loss: DailyLoss | undefined }) {
  const [asking, setAsking] = useState(false);
  const release = useReleaseLoss(use.account);
  return (
    <tr>
      <td className={TD}>
        {use.account} <span className="text-2xs text-faint">{use.currency}</span>
      </td>
      <td className={TD_NUMBER}>{use.open_orders}</td>
      <td className={TD_NUMBER}>{formatNumber(use.exposure)}</td>
      <td className={classes(TD_NUMBER, "font-medium", toneOf(numberOf(use.daily_pnl)))}>
        {formatNumber(use.daily_pnl, 2, { plus: true })}
      </td>
      <td className={TD_NUMBER}>{formatNumber(use.available_funds)}</td>
      <td className={TD}>
        {loss ? (
          <span className="flex items-center gap-2">
            <Badge tone="bad">Reached: {formatNumber(loss.loss)} lost</Badge>
            <Button size="sm" onClick={() => setAsking(true)}>
              Release…
            </Button>
          </span>
        ) : (
          <span className="text-muted">not reached</span>
        )}
        {asking && (
          <ReasonDialog
            title={`Let ${use.account} take risk again today?`}
            action="Release the daily loss limit"
            tone="accent"
            doing={release}
            onClose={() => setAsking(false)}
          >
            <p>It reaches its limit anew where it is still beyond it: raise the limit first.</p>
          </ReasonDialog>
        )}
      </td>
    </tr>
  );
}

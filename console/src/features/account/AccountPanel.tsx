import { Wallet } from "lucide-react";
import { useDesk } from "@/app/desk";
import type { AccountView } from "@/shared/api/types";
import { formatNumber, formatPercent, numberOf } from "@/shared/format/number";
import { formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";
import { EmptyState, Loading, Panel } from "@/shared/ui/Panel";
import { toneOf } from "./AccountStrip";

const FIGURES: readonly [keyof AccountView, string][] = [
  ["net_liquidation", "Net liquidation"],
  ["cash", "Cash"],
  ["buying_power", "Buying power"],
  ["available_funds", "Available funds"],
  ["initial_margin", "Initial margin"],
  ["maintenance_margin", "Maintenance margin"],
  ["excess_liquidity", "Excess liquidity"],
  ["unrealized_pnl", "Unrealized P&L"],
  ["realized_pnl", "Realized today"],
];

/** The account's amounts and its cash by currency. */
export function AccountPanel() {
  const { portfolio } = useDesk();
  const { loaded, account } = useStore(portfolio.now);
  return (
    <Panel
      label="Account"
      title={account ? `Account ${account.account}` : "Account"}
      aside={account && <span className="text-xs text-muted">as of {formatTime(account.time)}</span>}
      className="shrink-0"
    >
      {account ? (
        <>
          <dl className="grid grid-cols-2 gap-px bg-line sm:grid-cols-5">
            {FIGURES.map(([field, name]) => (
              <Figure key={field} name={name} account={account} field={field} />
            ))}
            <Cushion cushion={account.cushion} />
          </dl>
          <Cash account={account} />
        </>
      ) : loaded ? (
        <EmptyState icon={<Wallet />} title="No account yet">
          Its figures come with the gateway's session.
        </EmptyState>
      ) : (
        <Loading label="Loading the account" />
      )}
    </Panel>
  );
}

function Figure({ name, account, field }: { name: string; account: AccountView; field: keyof AccountView }) {
  const value = account[field] as string | null;
  const isProfit = field === "unrealized_pnl" || field === "realized_pnl";
  const number = numberOf(value);
  return (
    <div className="bg-panel px-3 py-2.5">
      <dt className="label">{name}</dt>
      <dd className={classes("text-base font-semibold", isProfit && toneOf(number))}>
        <Flash value={number}>{formatNumber(value, 2, { plus: isProfit })}</Flash>
        {value !== null && <span className="ml-1 text-2xs font-normal text-faint">{account.currency}</span>}
      </dd>
    </div>
  );
}

/** How far the account is from a liquidation. */
function Cushion({ cushion }: { cushion: string | null }) {
  const part = numberOf(cushion);
  const tone = part === null ? "" : part < 0.05 ? "text-down" : part < 0.1 ? "text-warn" : "";
  return (
    <div
      className="bg-panel px-3 py-2.5"
      title="Excess liquidity as a part of net liquidation; at zero IB liquidates"
    >
      <dt className="label">Margin cushion</dt>
      <dd className={classes("text-base font-semibold", tone)}>{formatPercent(cushion, 1)}</dd>
    </div>
  );
}

function Cash({ account }: { account: AccountView }) {
  if (account.cash_by_currency.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 border-t border-line px-3 py-2">
      <dt className="label">Cash by currency</dt>
      {account.cash_by_currency.map(({ currency, amount }) => (
        <dd key={currency}>
          <span className="text-muted">{currency}</span>{" "}
          <span className="font-medium">{formatNumber(amount)}</span>
        </dd>
      ))}
    </dl>
  );
}

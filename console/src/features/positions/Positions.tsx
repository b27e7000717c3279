import { Layers } from "lucide-react";
import { useNavigate } from "react-router";
import { useDesk } from "@/app/desk";
import { toneOf } from "@/features/account/AccountStrip";
import type { PositionView } from "@/shared/api/types";
import { decimalsOf, formatNumber, formatQuantity, numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";
import { EmptyState, Loading } from "@/shared/ui/Panel";
import { TABLE, TD, TD_NUMBER, TH, TH_NUMBER } from "@/shared/ui/table";
import { idOf } from "./portfolioStore";

/** What is held, in the broker's numbers, live. */
export function Positions() {
  const { portfolio } = useDesk();
  const { loaded, positions } = useStore(portfolio.now);
  if (!loaded) return <Loading label="Loading positions" />;
  if (positions.size === 0) {
    return (
      <EmptyState icon={<Layers />} title="No positions">
        What the account holds stands here, with its profit and loss.
      </EmptyState>
    );
  }
  const rows = [...positions.values()].sort((a, b) => a.symbol.localeCompare(b.symbol));
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <table className={TABLE} aria-label="Positions">
        <thead>
          <tr>
            <th className={TH}>Symbol</th>
            <th className={TH_NUMBER}>Position</th>
            <th className={TH_NUMBER}>Average cost</th>
            <th className={TH_NUMBER}>Market price</th>
            <th className={TH_NUMBER}>Market value</th>
            <th className={TH_NUMBER}>Unrealized P&L</th>
            <th className={TH_NUMBER}>Realized P&L</th>
            <th className={TH_NUMBER}>Today</th>
            <th className={TH}>Account</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((position) => (
            <PositionRow key={idOf(position)} position={position} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PositionRow({ position }: { position: PositionView }) {
  const { ticket, market } = useDesk();
  const navigate = useNavigate();
  const { instrument, quantity } = position;
  const short = Number(quantity) < 0;
  return (
    <tr className="hover:bg-hover" data-position={position.symbol}>
      <td className={TD}>
        <button
          type="button"
          className="font-semibold hover:underline"
          title="Put the closing order in the ticket"
          onClick={() => {
            ticket.choose(market.nameOf(instrument.con_id) ?? instrument.text, {
              side: short ? "BUY" : "SELL",
              quantity: quantity.replace("-", ""),
            });
            navigate("/");
          }}
        >
          {position.symbol}
        </button>{" "}
        <span className="text-2xs text-faint">{instrument.currency}</span>
      </td>
      <td className={classes(TD_NUMBER, "font-semibold")}>
        <Flash value={numberOf(quantity)}>{formatQuantity(quantity)}</Flash>
      </td>
      <td className={TD_NUMBER}>{formatNumber(position.average_cost, digitsFor(position.average_cost))}</td>
      <td className={TD_NUMBER}>
        <Flash value={numberOf(position.market_price)}>
          {formatNumber(position.market_price, digitsFor(position.market_price))}
        </Flash>
      </td>
      <td className={TD_NUMBER}>{formatNumber(position.market_value)}</td>
      <Profit value={position.unrealized_pnl} />
      <Profit value={position.realized_pnl} />
      <Profit value={position.daily_pnl} />
      <td className={classes(TD, "text-muted")}>{position.account}</td>
    </tr>
  );
}

function Profit({ value }: { value: string | null }) {
  const number = numberOf(value);
  return (
    <td className={classes(TD_NUMBER, "font-medium", toneOf(number))}>
      <Flash value={number}>{formatNumber(value, 2, { plus: true })}</Flash>
    </td>
  );
}

const digitsFor = (price: string | null) => Math.min(5, Math.max(2, decimalsOf(price)));

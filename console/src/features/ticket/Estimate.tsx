import { useDesk } from "@/app/desk";
import type { Side } from "@/shared/api/types";
import { formatNumber, formatQuantity } from "@/shared/format/number";
import { useStore } from "@/shared/store";

/** About what the order is worth, and what it does to the position. */
export function Estimate({
  conId,
  side,
  quantity,
  value,
  currency,
}: {
  /** IB's identity of the contract; null while it is not known. */
  conId: number | null;
  side: Side;
  quantity: number | null;
  value: number | null;
  currency: string;
}) {
  const { portfolio } = useDesk();
  const held = useStore(portfolio.now, ({ positions }) => {
    const position = [...positions.values()].find((each) => each.instrument.con_id === conId);
    return position ? Number(position.quantity) : 0;
  });
  const after = quantity === null || quantity <= 0 ? null : held + (side === "BUY" ? quantity : -quantity);
  return (
    <dl className="space-y-1 border-t border-line pt-3">
      <div className="flex justify-between">
        <dt className="text-muted">Estimated value</dt>
        <dd className="font-semibold" data-testid="notional">
          {value === null ? "–" : `≈ ${formatNumber(value)} ${currency}`}
        </dd>
      </div>
      <div className="flex justify-between">
        <dt className="text-muted">Position</dt>
        <dd>
          {formatQuantity(held)}
          {after !== null && (
            <>
              <span className="text-faint"> → </span>
              <span className="font-semibold">{formatQuantity(after)}</span>
            </>
          )}
        </dd>
      </div>
    </dl>
  );
}

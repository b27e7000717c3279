import { useDesk } from "@/app/desk";
import { formatNumber, numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";

/** The account in one line: whose it is, what it is worth, what it has made. */
export function AccountStrip() {
  const { portfolio, connection } = useDesk();
  const { account, stale } = useStore(portfolio.now);
  const away = useStore(portfolio.channel.status, (now) => now.state !== "live");
  const named = useStore(connection.now, ({ status }) => status?.account ?? null);
  const old = stale || away;

  return (
    <dl className={classes("flex items-center gap-5 max-md:hidden", old && "opacity-60")}>
      {old && account && (
        <div className="rounded bg-warn-soft px-1.5 text-2xs leading-5 font-semibold text-warn">
          <dt className="sr-only">Account figures</dt>
          <dd>from before</dd>
        </div>
      )}
      <Figure name="Account" className="max-lg:hidden">
        {named ?? account?.account ?? "–"}
      </Figure>
      <Figure name={`Net liquidation ${account?.currency ?? ""}`}>
        <Flash value={numberOf(account?.net_liquidation)}>{formatNumber(account?.net_liquidation)}</Flash>
      </Figure>
      <Money name="Unrealized P&L" value={account?.unrealized_pnl} />
      <Money name="Realized today" value={account?.realized_pnl} className="max-xl:hidden" />
    </dl>
  );
}

function Figure({
  name,
  children,
  className,
}: {
  name: string;
  children: React.ReactNode;
  className?: string;
}) {
  return (
    <div className={classes("text-right", className)}>
      <dt className="text-2xs leading-3.5 text-muted">{name}</dt>
      <dd className="leading-4.5 font-semibold">{children}</dd>
    </div>
  );
}

function Money({
  name,
  value,
  className,
}: {
  name: string;
  value: string | null | undefined;
  className?: string;
}) {
  const number = numberOf(value);
  return (
    <Figure name={name} {...(className ? { className } : {})}>
      <span className={toneOf(number)}>
        <Flash value={number}>{formatNumber(value, 2, { plus: true })}</Flash>
      </span>
    </Figure>
  );
}

/** Gain, loss, or neither. */
export function toneOf(value: number | null | undefined): string {
  if (value === null || value === undefined || value === 0) return "";
  return value > 0 ? "text-up" : "text-down";
}

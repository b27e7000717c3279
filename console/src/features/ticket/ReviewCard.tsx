import { ArrowLeft } from "lucide-react";
import { useDesk } from "@/app/desk";
import { ModeBadge } from "@/features/connection/ModeBadge";
import { useObstacle } from "@/features/connection/useObstacle";
import { priceWords, sentence, sizeWords, TIMES } from "@/features/orders/words";
import type { Line } from "@/features/watchlist/marketStore";
import { digitsOfLine } from "@/features/watchlist/useLine";
import type { OrderCreate } from "@/shared/api/types";
import { formatNumber, numberOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import type { Beside } from "./body";
import { notional } from "./draft";
import { ImpactNote } from "./ImpactNote";
import { ObstacleNote } from "./ObstacleNote";
import { useRules } from "./rules";
import { Row, TermRows } from "./TermRows";
import type { Resolved } from "./useContract";

/** The order, read over once before it goes. */
export function ReviewCard({
  body,
  beside,
  sending,
  resolved,
  line,
}: {
  body: OrderCreate;
  beside: Beside | undefined;
  sending: boolean;
  resolved: Resolved;
  line: Line;
}) {
  const { ticket, connection } = useDesk();
  const account = useStore(connection.now, ({ status }) => status?.account ?? null);
  const obstacle = useObstacle();
  const draft = useStore(ticket.draft);
  const buying = body.side === "BUY";
  const rules = useRules();
  const value = notional(draft, line.quote, numberOf(resolved.contract?.multiplier) ?? 1, rules);
  const digits = digitsOfLine(line);
  const time = TIMES[body.time_in_force ?? "DAY"];

  return (
    <section
      aria-label="Review the order"
      className="appear space-y-3 p-3"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !sending) ticket.back();
      }}
    >
      <div
        className={classes(
          "rounded-md border-l-4 px-3 py-3",
          buying ? "border-up-solid bg-up-soft" : "border-down-solid bg-down-soft",
        )}
      >
        <p className={classes("text-lg leading-6 font-semibold", buying ? "text-up" : "text-down")}>
          {buying ? "Buy" : "Sell"} {sizeWords(body)} {body.symbol}
        </p>
        <p className="mt-0.5 text-base">{sentence(priceWords(body))}</p>
      </div>
      <dl className="space-y-1.5">
        <Row name="Value">
          {value === null ? "–" : `≈ ${formatNumber(value)} ${resolved.contract?.instrument.currency ?? ""}`}
        </Row>
        <Row name="Market now">
          {formatNumber(line.quote?.bid, digits)} × {formatNumber(line.quote?.ask, digits)}
        </Row>
        <Row name="Time in force">
          {time.label}
          {body.outside_hours && ", outside hours too"}
        </Row>
        <TermRows body={body} beside={beside} />
        <Row name="Account">
          <span className="inline-flex items-center gap-2">
            {account ?? "–"} <ModeBadge />
          </span>
        </Row>
      </dl>
      {obstacle === null && (
        <ImpactNote body={body} currency={resolved.contract?.instrument.currency ?? ""} />
      )}
      {!sending && <ObstacleNote obstacle={obstacle} />}
      <div className="grid grid-cols-[auto_1fr] gap-2 pt-1">
        <Button size="lg" onClick={ticket.back} disabled={sending}>
          <ArrowLeft className="size-4" aria-hidden /> Back
        </Button>
        <Button
          tone={buying ? "buy" : "sell"}
          size="lg"
          autoFocus
          aria-disabled={sending}
          disabled={obstacle !== null && !sending}
          onClick={() => void ticket.send()}
        >
          {sending ? "Sending…" : `Send ${buying ? "buy" : "sell"} order`}
        </Button>
      </div>
    </section>
  );
}

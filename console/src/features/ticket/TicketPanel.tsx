import { useDesk } from "@/app/desk";
import { useLine } from "@/features/watchlist/useLine";
import { useStore } from "@/shared/store";
import { Panel } from "@/shared/ui/Panel";
import { KnownCard, TroubleCard } from "./OutcomeCard";
import { ReviewCard } from "./ReviewCard";
import { TicketForm } from "./TicketForm";
import { useContract } from "./useContract";

/** One order at a time: written, read over, sent, followed to its end. */
export function TicketPanel({ className }: { className?: string }) {
  const { ticket } = useDesk();
  const intent = useStore(ticket.intent);
  const drafted = useStore(ticket.draft, (draft) => draft.symbol);
  const symbol = intent.phase === "editing" ? drafted : intent.body.symbol;
  const resolved = useContract(symbol);
  const line = useLine(symbol);

  return (
    <Panel label="Order ticket" title="Order ticket" {...(className ? { className } : {})}>
      <div id="ticket" className="min-h-0 flex-1 overflow-auto">
        {intent.phase === "editing" && <TicketForm resolved={resolved} line={line} />}
        {(intent.phase === "reviewing" || intent.phase === "sending") && (
          <ReviewCard
            body={intent.body}
            beside={intent.beside}
            sending={intent.phase === "sending"}
            {...{ resolved, line }}
          />
        )}
        {intent.phase === "known" && <KnownCard order={intent.order} />}
        {(intent.phase === "refused" || intent.phase === "unsure") && <TroubleCard intent={intent} />}
      </div>
    </Panel>
  );
}

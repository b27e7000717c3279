import { ShieldAlert } from "lucide-react";
import { useDesk } from "@/app/desk";
import { formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Badge, type BadgeTone } from "@/shared/ui/Badge";
import { EmptyState, Panel } from "@/shared/ui/Panel";
import type { RiskNews } from "./riskStore";

const KINDS: Record<RiskNews["event"], { label: string; tone: BadgeTone }> = {
  order_refused: { label: "Refused", tone: "warn" },
  limits_changed: { label: "Limits", tone: "busy" },
  switch_moved: { label: "Kill switch", tone: "bad" },
  loss_reached: { label: "Daily loss", tone: "bad" },
};

/** What the risk department has done since this page was opened; the audit log has all of it. */
export function RiskNewsPanel() {
  const { risk } = useDesk();
  const news = useStore(risk.now, ({ news }) => news);
  return (
    <Panel label="Risk events" title="What has happened" className="min-h-40 flex-1">
      {news.length === 0 ? (
        <EmptyState icon={<ShieldAlert />} title="Nothing yet">
          Refused orders, changed limits and moves of the kill switch stand here.
        </EmptyState>
      ) : (
        <ol className="min-h-0 flex-1 divide-y divide-line overflow-auto">
          {news.map(({ id, at, event, text, by }) => (
            <li key={id} className="flex items-start gap-3 px-3 py-2">
              <span className="w-16 shrink-0 text-muted">{formatTime(at)}</span>
              <Badge tone={KINDS[event].tone}>{KINDS[event].label}</Badge>
              <span className="min-w-0 flex-1 break-words">{text}</span>
              {by && <span className="text-2xs text-faint">{by}</span>}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

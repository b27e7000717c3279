import { OctagonX } from "lucide-react";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import { formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { ReasonDialog } from "./ReasonDialog";
import { useKill, useRelease } from "./useRisk";

/** In the top bar of every page: one action that stops everything. */
export function KillButton() {
  const { risk } = useDesk();
  const state = useStore(risk.now, ({ risk }) => risk?.kill_switch.state ?? "off");
  const [asking, setAsking] = useState(false);
  const kill = useKill();
  if (state !== "off") return null;
  return (
    <>
      <Button
        tone="danger"
        size="sm"
        onClick={() => setAsking(true)}
        title="Cancel everything and send no new order"
      >
        <OctagonX className="size-3.5" aria-hidden /> Kill switch
      </Button>
      {asking && (
        <ReasonDialog
          title="Engage the kill switch?"
          action="Cancel everything and block new orders"
          tone="sell"
          doing={kill}
          onClose={() => setAsking(false)}
        >
          <p>
            Every open order of this login is cancelled, also those of other programs and those made by hand
            in TWS. No new order is sent, through restarts too, until somebody releases the switch.
          </p>
          <p>Positions stay as they are.</p>
        </ReasonDialog>
      )}
    </>
  );
}

const WORDS = {
  cancelling: "Open orders are being cancelled.",
  verified: "The broker, asked in full, holds no open order.",
  incomplete: "Not everything is known to be cancelled; it is tried again by itself.",
} as const;

/** Across every page while the switch is engaged. */
export function KillBanner() {
  const { risk } = useDesk();
  const now = useStore(risk.now, ({ risk }) => risk?.kill_switch);
  const [asking, setAsking] = useState(false);
  const release = useRelease();
  if (!now || now.state === "off") return null;
  return (
    <div
      role="alert"
      className="flex shrink-0 flex-wrap items-start gap-x-3 gap-y-1.5 border-b border-down/50 bg-down-soft px-3 py-2"
    >
      <OctagonX className="mt-0.5 size-4 text-down" aria-hidden />
      <div className="min-w-0 flex-1">
        <p>
          <strong className="font-semibold text-down">Kill switch engaged: no order is sent.</strong>{" "}
          {WORDS[now.state]}
        </p>
        <p className="text-muted">
          By {now.by}
          {now.since && ` at ${formatTime(now.since)}`}: {now.reason}
        </p>
        {now.left.length > 0 && (
          <ul className="mt-1 list-disc pl-4 text-xs">
            {now.left.map((order) => (
              <li key={order}>{order}</li>
            ))}
          </ul>
        )}
      </div>
      <Button size="sm" onClick={() => setAsking(true)}>
        Release…
      </Button>
      {asking && (
        <ReasonDialog
          title="Release the kill switch?"
          action="Let orders through again"
          tone="accent"
          doing={release}
          onClose={() => setAsking(false)}
        >
          <p>Strategies that still run may send orders at once.</p>
        </ReasonDialog>
      )}
    </div>
  );
}

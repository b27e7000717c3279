import { RefreshCw, Unplug } from "lucide-react";
import { useEffect, useState } from "react";
import { useDesk } from "@/app/desk";
import { formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";

/** Across the page while the service cannot be heard: what is shown is from before the cut. */
export function LinkBanner() {
  const { connection, channels } = useDesk();
  const link = useStore(connection.channel.status);
  if (link.state !== "lost") return null;
  return (
    <div
      role="alert"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-warn/40 bg-warn-soft px-3 py-2"
    >
      <Unplug className="size-4 text-warn" aria-hidden />
      <p className="min-w-0">
        <strong className="font-semibold text-warn">Service unreachable.</strong> What is shown is from before{" "}
        {formatTime(new Date(link.since).toISOString())}. Orders at the broker stay as they are.
      </p>
      <span className="ml-auto flex items-center gap-3">
        <Countdown until={link.nextAttemptAt} attempts={link.attempts} />
        <Button
          size="sm"
          onClick={() => {
            for (const channel of channels) channel.retryNow();
          }}
        >
          <RefreshCw className="size-3.5" aria-hidden /> Try now
        </Button>
      </span>
    </div>
  );
}

function Countdown({ until, attempts }: { until: number | null; attempts: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
  return (
    <span className="text-muted" aria-hidden>
      Attempt {attempts + 1}
      {left > 0 ? ` in ${left} s` : " now"}
    </span>
  );
}

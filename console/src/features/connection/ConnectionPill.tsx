import { ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useDesk } from "@/app/desk";
import { formatMoment } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { Latency } from "./Latency";
import { DOTS, SESSION_STATES } from "./states";
import { type Action, useConnectionAction } from "./useConnectionAction";

/** Where the connection stands and why, and what can be done about it. */
export function ConnectionPill() {
  const { connection } = useDesk();
  const status = useStore(connection.now, (now) => now.status);
  const link = useStore(connection.channel.status, (now) => now.state);
  const act = useConnectionAction();

  const away = link === "lost";
  const shown = status ? SESSION_STATES[status.state] : { word: "Finding out", weight: "busy" as const };
  const word = away ? "Service unreachable" : shown.word;
  const reason = away ? "Nothing is known of the gateway" : (status?.reason ?? "");
  const idle = status?.state === "disconnected" || status?.state === "failed";
  const actions: readonly [Action, string][] = idle
    ? [["connect", "Connect"]]
    : [
        ["reconnect", "Reconnect"],
        ["disconnect", "Disconnect"],
      ];

  return (
    <div className="flex min-w-0 items-center gap-2">
      <DropdownMenu.Root>
        <DropdownMenu.Trigger
          aria-label={`Connection: ${word}. ${reason}`}
          className="flex h-8 min-w-0 items-center gap-2 rounded-md border border-line px-2.5 hover:bg-hover"
        >
          <span
            className={classes("size-2 shrink-0 rounded-full", DOTS[away ? "bad" : shown.weight])}
            aria-hidden
          />
          <span className="font-semibold whitespace-nowrap" data-testid="connection-state">
            {word}
          </span>
          {reason && shown.weight !== "good" && (
            <span className="max-w-56 truncate text-muted max-xl:hidden" title={reason}>
              {reason}
            </span>
          )}
          <ChevronDown className="size-3.5 shrink-0 text-faint" aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="start"
            sideOffset={6}
            className="appear z-50 w-76 rounded-lg border border-edge bg-panel p-1.5 shadow-pop"
          >
            {status && (
              <div className="space-y-1 px-2.5 py-2">
                <p className="font-semibold">{word}</p>
                {reason && <p className="break-words text-muted">{reason}</p>}
                <p className="text-xs text-muted">
                  {status.host}:{status.port} as client {status.client_id} · since{" "}
                  {formatMoment(status.since)}
                </p>
                {status.last_error && status.last_error !== reason && (
                  <p className="text-xs break-words text-warn">Last error: {status.last_error}</p>
                )}
              </div>
            )}
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            {actions.map(([action, label]) => (
              <DropdownMenu.Item
                key={action}
                disabled={away || act.isPending}
                onSelect={() => act.mutate(action)}
                className="cursor-pointer rounded-md px-2.5 py-1.5 font-medium outline-none data-disabled:cursor-not-allowed data-disabled:opacity-45 data-highlighted:bg-hover"
              >
                {label}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Latency />
      <span className="sr-only" aria-live="polite">
        {`Connection ${word}`}
      </span>
    </div>
  );
}

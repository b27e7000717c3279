import { History } from "lucide-react";
import { useDesk } from "@/app/desk";
import { formatMoment, formatTime } from "@/shared/format/time";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { EmptyState, Panel } from "@/shared/ui/Panel";
import type { LogEntry } from "./connectionStore";
import { DOTS, SESSION_STATES } from "./states";

/** What has happened to the connection since this page was opened. */
export function ConnectionLog() {
  const { connection } = useDesk();
  const log = useStore(connection.now, (now) => now.log);
  return (
    <Panel
      label="Connection log"
      title="Connection log"
      aside={<span className="text-xs text-muted">since this page was opened</span>}
      className="max-h-96"
    >
      {log.length === 0 ? (
        <EmptyState icon={<History />} title="Nothing yet" />
      ) : (
        <ol className="min-h-0 flex-1 overflow-auto py-1">
          {log.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Entry({ entry }: { entry: LogEntry }) {
  const { word, dot } = wordsOf(entry);
  return (
    <li className="grid grid-cols-[auto_auto_6.5rem_1fr] items-baseline gap-x-2 px-3 py-1">
      <time dateTime={entry.at} title={formatMoment(entry.at)} className="text-muted">
        {formatTime(entry.at)}
      </time>
      <span
        className={classes("mt-2 size-1.5 self-start rounded-full", dot.replace("animate-pulse", ""))}
        aria-hidden
      />
      <span className="font-medium">{word}</span>
      <span className="min-w-0 break-words text-muted">{entry.reason}</span>
    </li>
  );
}

function wordsOf({ after }: LogEntry): { word: string; dot: string } {
  if (after === "lost") return { word: "Service lost", dot: DOTS.bad };
  if (after === "reached") return { word: "Service reached", dot: DOTS.good };
  const { word, weight } = SESSION_STATES[after];
  return { word, dot: DOTS[weight] };
}

import type { MarketDataMessage } from "@/shared/api/types";
import { formatTime } from "@/shared/format/time";
import { Badge, type BadgeTone } from "@/shared/ui/Badge";
import type { Line } from "./marketStore";

const QUALITY: Record<MarketDataMessage["quality"], { word: string; tone: BadgeTone; means: string } | null> =
  {
    good: null,
    pending: { word: "Waiting", tone: "quiet", means: "Subscribed; the first bid and ask have not come" },
    stale: { word: "Stale", tone: "warn", means: "Nothing has come for longer than it should take" },
    suspect: { word: "Suspect", tone: "warn", means: "Crossed, negative, or far from the prices before" },
    interrupted: { word: "Interrupted", tone: "warn", means: "The connection is down: this is from before" },
  };

const KIND: Record<MarketDataMessage["kind"], { word: string; means: string } | null> = {
  live: null,
  frozen: { word: "Frozen", means: "The last prices before the close" },
  delayed: { word: "Delayed", means: "Delayed prices: no subscription for live ones" },
  delayed_frozen: { word: "Delayed, frozen", means: "The last delayed prices before the close" },
};

/** What keeps these prices from being live and good; nothing where they are. */
export function QualityTags({ line }: { line: Line }) {
  const { quote, gap, notice, problem, old } = line;
  if (problem)
    return (
      <Badge tone={isPassing(problem) ? "quiet" : "bad"}>
        {isPassing(problem) ? "No gateway" : problem.title}
      </Badge>
    );
  if (old) return <Badge tone="warn">Before the cut</Badge>;
  const quality = quote && QUALITY[quote.quality];
  const kind = quote && KIND[quote.kind];
  return (
    <>
      {quality && (
        <Badge tone={quality.tone} title={quality.means}>
          {quality.word}
        </Badge>
      )}
      {notice && (
        <Badge tone="warn" title={`IB says: ${notice.text} (${notice.code})`}>
          IB {notice.code}
        </Badge>
      )}
      {kind && <Badge title={kind.means}>{kind.word}</Badge>}
      {gap && (
        <Badge title={`Not seen from ${formatTime(gap.since)} to ${formatTime(gap.until)}: ${gap.reason}`}>
          Gap
        </Badge>
      )}
    </>
  );
}

/** There is no session now; the symbol is asked for again when there is one, and the page says so once, at the top. */
export function isPassing(problem: NonNullable<Line["problem"]>): boolean {
  return (
    problem.slug === "not-connected" || problem.slug === "upstream-lost" || problem.slug === "session-lost"
  );
}

/** Whether these prices are those of this moment. */
export function isCurrent({ quote, old }: Line): boolean {
  return quote !== null && !old && (quote.quality === "good" || quote.quality === "suspect");
}

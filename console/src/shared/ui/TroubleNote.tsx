import { CircleHelp, OctagonX } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

export interface TroubleLike {
  readonly title?: string;
  readonly detail: string;
  readonly nextStep: string;
  readonly outcome: "not_sent" | "rejected" | "unknown";
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error as a person needs it: what is wrong, what is known of the outcome, what to do now. */
export function TroubleNote({
  trouble,
  children,
  className,
  compact = false,
}: {
  trouble: TroubleLike;
  children?: ReactNode;
  className?: string;
  compact?: boolean;
}) {
  const unknown = trouble.outcome === "unknown";
  const candidates = listOf(trouble.details?.candidates);
  const Icon = unknown ? CircleHelp : OctagonX;
  return (
    <div
      role="alert"
      className={classes(
        "appear flex gap-2.5 rounded-md border px-3 py-2.5",
        unknown ? "border-warn/45 bg-warn-soft/60" : "border-down/45 bg-down-soft/45",
        className,
      )}
    >
      <Icon className={classes("mt-0.5 size-4 shrink-0", unknown ? "text-warn" : "text-down")} aria-hidden />
      <div className="min-w-0 flex-1 space-y-1">
        {trouble.title && !compact && (
          <p className={classes("font-semibold", unknown ? "text-warn" : "text-down")}>{trouble.title}</p>
        )}
        <p className="break-words">{trouble.detail}</p>
        {candidates.length > 0 && (
          <ul className="max-h-28 list-disc overflow-auto pl-4 text-xs text-muted">
            {candidates.map((candidate) => (
              <li key={candidate}>{candidate}</li>
            ))}
          </ul>
        )}
        {trouble.nextStep && <p className="break-words text-muted">{trouble.nextStep}</p>}
        {children && <div className="flex flex-wrap gap-2 pt-1.5">{children}</div>}
      </div>
    </div>
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String).slice(0, 20) : [];
}

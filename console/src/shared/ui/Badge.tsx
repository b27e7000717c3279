import type { ReactNode } from "react";
import { classes } from "./classes";

export type BadgeTone = "busy" | "good" | "bad" | "warn" | "quiet";

const TONES: Record<BadgeTone, string> = {
  busy: "bg-accent-soft text-accent",
  good: "bg-up-soft text-up",
  bad: "bg-down-soft text-down",
  warn: "bg-warn-soft text-warn",
  quiet: "bg-raised text-muted",
};

export function Badge({
  tone = "quiet",
  children,
  className,
  title,
}: {
  tone?: BadgeTone;
  children: ReactNode;
  className?: string;
  title?: string | undefined;
}) {
  return (
    <span
      title={title}
      className={classes(
        "inline-flex h-5 items-center gap-1 rounded px-1.5 text-2xs font-semibold whitespace-nowrap",
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

import type { ReactNode } from "react";
import { classes } from "./classes";

/** A titled part of the page. */
export function Panel({
  title,
  aside,
  children,
  className,
  label,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  label: string;
}) {
  return (
    <section
      aria-label={label}
      className={classes(
        "flex min-h-0 min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-panel",
        className,
      )}
    >
      {(title || aside) && (
        <header className="flex min-h-10 shrink-0 items-center justify-between gap-3 border-b border-line px-3">
          {typeof title === "string" ? <h2 className="font-semibold">{title}</h2> : title}
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

/** What a part of the page says while it has nothing to show. */
export function EmptyState({
  icon,
  title,
  children,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="grid h-full min-h-28 place-items-center p-6 text-center">
      <div className="max-w-xs">
        {icon && <div className="mb-2 flex justify-center text-faint [&_svg]:size-6">{icon}</div>}
        <p className="font-medium">{title}</p>
        {children && <div className="mt-1 text-muted">{children}</div>}
      </div>
    </div>
  );
}

const WIDTHS = ["92%", "84%", "88%", "71%", "79%", "64%"];

/** Rows that are on their way. */
export function Loading({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="space-y-2.5 p-3">
      {WIDTHS.slice(0, rows).map((width) => (
        <div key={width} className="h-5 animate-pulse rounded bg-raised" style={{ width }} />
      ))}
    </div>
  );
}

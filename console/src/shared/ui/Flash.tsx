import { useRef } from "react";
import { classes } from "./classes";

/** A number that shows where it went: tinted for a moment, up or down, whenever it changes. */
export function Flash({
  value,
  children,
  className,
}: {
  value: number | null | undefined;
  children: React.ReactNode;
  className?: string;
}) {
  const seen = useRef({ value, moves: 0, way: "" });
  const now = seen.current;
  if (now.value !== value) {
    const known = typeof value === "number" && typeof now.value === "number";
    const way = known ? (value > (now.value as number) ? "flash-up" : "flash-down") : "";
    seen.current = { value, moves: now.moves + 1, way };
  }
  const { moves, way } = seen.current;
  return (
    <span key={moves} className={classes("rounded-sm", way, className)}>
      {children}
    </span>
  );
}

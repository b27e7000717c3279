/** The sign of the house: an arch bridge. */
export function Mark({ className = "size-6" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" fill="none" strokeLinecap="round">
      <rect width="32" height="32" rx="7" className="fill-accent-soft" />
      <g className="stroke-accent">
        <path d="M4 23h24M6 23C6 13 11 9 16 9s10 4 10 14" strokeWidth="2.4" />
        <path d="M11 23V11.6M16 23V9.4M21 23V11.6" strokeWidth="1.5" opacity=".7" />
      </g>
    </svg>
  );
}

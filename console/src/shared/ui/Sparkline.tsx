import { memo } from "react";

const WIDTH = 96;
const HEIGHT = 22;

/** Where a price has been, small. A flat dotted line until there are two points. */
export const Sparkline = memo(function Sparkline({
  points,
  base,
  label,
}: {
  points: readonly number[];
  /** Drawn as a faint level, and decides the colour: above it is up. */
  base?: number | null;
  label: string;
}) {
  const last = points.at(-1);
  const first = points[0];
  if (last === undefined || first === undefined || points.length < 2) {
    return (
      <svg
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={`${label}: no history yet`}
        className="text-edge"
      >
        <path d={`M0 ${HEIGHT / 2}H${WIDTH}`} stroke="currentColor" strokeDasharray="1 4" />
      </svg>
    );
  }
  const low = Math.min(...points);
  const span = Math.max(...points) - low || Math.abs(low) * 1e-4 || 1;
  const x = (index: number) => (index / (points.length - 1)) * (WIDTH - 3);
  const y = (price: number) => HEIGHT - 3 - ((price - low) / span) * (HEIGHT - 6);
  const path = points
    .map((price, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(price).toFixed(1)}`)
    .join("");
  const from = base ?? first;
  const way = last > from ? "text-up" : last < from ? "text-down" : "text-muted";
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={`${label}: recent prices`} className={way}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round" />
      <circle cx={x(points.length - 1)} cy={y(last)} r="1.8" fill="currentColor" />
    </svg>
  );
});

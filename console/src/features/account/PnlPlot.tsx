/** The day's profit over time. Colours are the theme's; the plot says in words what it shows. */
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { PnlPoint } from "@/features/positions/portfolioStore";
import { formatNumber } from "@/shared/format/number";
import { formatTime } from "@/shared/format/time";

const HEIGHT = 160;

export default function PnlPlot({ points, currency }: { points: readonly PnlPoint[]; currency: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [points.map(({ at }) => at), points.map(({ amount }) => amount)],
    [points],
  );
  const newest = useRef(data);
  newest.current = data;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const width = () => Math.max(element.clientWidth, 120);
    const made = new uPlot(optionsFor(width()), newest.current, element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: width(), height: HEIGHT }));
    resized.observe(element);
    // Colours are read while it paints: a new theme needs a new paint.
    const themed = new MutationObserver(() => made.redraw(false));
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <div
      ref={place}
      role="img"
      aria-label={inWords(points, currency)}
      className="min-w-0 flex-1 overflow-hidden"
      style={{ height: HEIGHT }}
    />
  );
}

export function inWords(points: readonly PnlPoint[], currency: string): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return "Daily P&L: nothing to plot yet";
  const amounts = points.map(({ amount }) => amount);
  const say = (amount: number) => `${formatNumber(amount, 2, { plus: true })} ${currency}`.trim();
  const at = (point: PnlPoint) => formatTime(new Date(point.at * 1000).toISOString());
  return (
    `Daily P&L from ${at(first)} to ${at(last)}: now ${say(last.amount)}, ` +
    `lowest ${say(Math.min(...amounts))}, highest ${say(Math.max(...amounts))}`
  );
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsFor(width: number): uPlot.Options {
  const axis = {
    stroke: () => colour("--c-muted"),
    font: "11px 'Inter Variable', sans-serif",
    grid: { stroke: () => colour("--c-line"), width: 1 },
    ticks: { show: false },
  };
  const lineOf = (u: uPlot) => colour((u.data[1]?.at(-1) ?? 0) < 0 ? "--c-down" : "--c-up");
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, low, high) => spread(low, high) } },
    axes: [
      // Two lines: the time, and below it the date where it changes.
      { ...axis, size: 40, space: 80 },
      { ...axis, size: 64, space: 28, values: (_plot, marks) => marks.map((mark) => formatNumber(mark, 0)) },
    ],
    series: [{}, { stroke: lineOf, width: 1.5, points: { show: false } }],
    hooks: { drawAxes: [zeroLine] },
  };
}

/** Zero is always in sight, and there is some room. */
function spread(low: number, high: number): [number, number] {
  const bottom = Math.min(low, 0);
  const top = Math.max(high, 0);
  const room = (top - bottom || 1) * 0.08;
  return [bottom - (bottom < 0 ? room : 0), top + (top > 0 || bottom === 0 ? room : 0)];
}

function zeroLine(u: uPlot) {
  const y = Math.round(u.valToPos(0, "y", true));
  u.ctx.save();
  u.ctx.strokeStyle = colour("--c-edge");
  u.ctx.lineWidth = 1;
  u.ctx.beginPath();
  u.ctx.moveTo(u.bbox.left, y);
  u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
  u.ctx.stroke();
  u.ctx.restore();
}

import { useEffect, useMemo } from "react";
import { useDesk } from "@/app/desk";
import type { Increment } from "@/shared/format/decimal";
import { decimalsOf } from "@/shared/format/number";
import { useStore } from "@/shared/store";
import type { Line } from "./marketStore";

/** A symbol's live line, subscribed for as long as it is shown. */
export function useLine(symbol: string): Line {
  const { market } = useDesk();
  useEffect(() => (symbol ? market.watch(symbol) : undefined), [market, symbol]);
  return useStore(market.line(symbol));
}

/** The price grid as the stream tells it: one step for all prices. */
export function useGrid(line: Line): readonly Increment[] {
  const tick = line.info?.min_tick;
  return useMemo(() => (tick ? [{ low_edge: "0", increment: tick.toFixed(decimalsOf(tick)) }] : []), [tick]);
}

/** How many decimals this line's prices show: those of its tick, two at least, eight at most. */
export function digitsOfLine(line: Line): number {
  const seen = line.info?.min_tick ?? line.quote?.bid ?? line.quote?.last;
  return Math.min(8, Math.max(2, decimalsOf(seen)));
}

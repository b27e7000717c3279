/** The watchlist's columns: how wide, and in how narrow a panel they give way to those that matter more. */
export const COLUMNS = {
  symbol: { width: "w-auto", hide: "" },
  last: { width: "w-25", hide: "" },
  change: { width: "w-20 @2xl:w-40", hide: "" },
  bid: { width: "w-31", hide: "@max-lg:hidden" },
  ask: { width: "w-31", hide: "@max-lg:hidden" },
  spread: { width: "w-20", hide: "@max-3xl:hidden" },
  volume: { width: "w-20", hide: "@max-2xl:hidden" },
  trend: { width: "w-30", hide: "@max-4xl:hidden" },
  remove: { width: "w-9", hide: "" },
} as const;

/** Inside a cell: only where there is room. */
export const WHERE_ROOM = "@max-2xl:hidden";

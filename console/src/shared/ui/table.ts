/** The look of every table: dense, numbers to the right, a header that stays. */
export const TABLE = "w-full border-separate border-spacing-0 whitespace-nowrap";
const HEAD =
  "sticky top-0 z-10 h-7 border-b border-line bg-panel px-2.5 text-2xs font-medium text-muted first:pl-3 last:pr-3";
export const TH = `${HEAD} text-left`;
export const TH_NUMBER = `${HEAD} text-right`;
export const TD = "h-9 border-b border-line/60 px-2.5 first:pl-3 last:pr-3";
export const TD_NUMBER = `${TD} text-right`;

/** Times of day in the reader's own zone; the full moment, with its zone, is in the tooltip. */
import { NOTHING } from "./number";

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" });

export function formatTime(iso: string | null | undefined, now: Date = new Date()): string {
  const date = parse(iso);
  if (!date) return NOTHING;
  const sameDay = date.toDateString() === now.toDateString();
  return sameDay ? TIME.format(date) : `${DAY.format(date)} ${TIME.format(date)}`;
}

export function formatMoment(iso: string | null | undefined): string {
  const date = parse(iso);
  return date ? FULL.format(date) : "not known";
}

/** A span in words short enough for a status line: 0.4 s, 12 s, 3 min, 2 h. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

function parse(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

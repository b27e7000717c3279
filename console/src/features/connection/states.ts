/** How each state of the gateway connection reads. */
import type { SessionState } from "@/shared/api/types";

export type Weight = "good" | "busy" | "warn" | "bad" | "quiet";

export const SESSION_STATES: Record<SessionState, { word: string; weight: Weight }> = {
  disconnected: { word: "Disconnected", weight: "quiet" },
  connecting: { word: "Connecting", weight: "busy" },
  connected: { word: "Connected", weight: "busy" },
  syncing: { word: "Syncing", weight: "busy" },
  ready: { word: "Ready", weight: "good" },
  degraded: { word: "Degraded", weight: "warn" },
  reconnecting: { word: "Reconnecting", weight: "warn" },
  failed: { word: "Failed", weight: "bad" },
};

export const DOTS: Record<Weight, string> = {
  good: "bg-up",
  busy: "bg-accent animate-pulse",
  warn: "bg-warn animate-pulse",
  bad: "bg-down",
  quiet: "bg-faint",
};

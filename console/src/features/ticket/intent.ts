/**
 * One intent to trade, from the moment it is read over to the moment its fate is known.
 *
 * The key is made when the order is put up for review and belongs to exactly that content. A second click, a retry
 * after a lost answer, a page loaded again: all use the same key, so that the service makes one order of them. Only
 * writing a new order makes a new key. What is not known is "unsure", never "failed".
 */
import type { Trouble } from "@/shared/api/problem";
import type { OrderCreate, OrderView } from "@/shared/api/types";
import type { Beside } from "./body";

export type Phase = "editing" | "reviewing" | "sending" | "known" | "refused" | "unsure";

/** What is asked for, under one key: an order, and what goes with it. */
export interface Asked {
  readonly key: string;
  readonly body: OrderCreate;
  readonly beside?: Beside | undefined;
}

export type Intent =
  | { readonly phase: "editing" }
  | (Asked & { readonly phase: "reviewing" | "sending" })
  | (Asked & { readonly phase: "known"; readonly order: OrderView })
  | (Asked & { readonly phase: "refused" | "unsure"; readonly trouble: Trouble });

/** The key of the order itself: that of a one-cancels-all group is no order's own. */
export function orderKeyOf({ key, beside }: Asked): string {
  return beside?.kind === "alternative" ? `${key}/1` : key;
}

export type Step =
  | ({ type: "review" } & Asked)
  | { type: "back" }
  | { type: "send" }
  | { type: "answered"; order: OrderView }
  | { type: "failed"; trouble: Trouble };

/** Where each step leads; a step that is not here is passed over, as the second of two quick clicks is. */
const MOVES: Record<Phase, Partial<Record<Step["type"], true>>> = {
  editing: { review: true },
  reviewing: { send: true, back: true },
  sending: { answered: true, failed: true },
  known: { back: true },
  refused: { send: true, back: true },
  unsure: { send: true, answered: true, failed: true, back: true },
};

export const EDITING: Intent = { phase: "editing" };

export function advance(intent: Intent, step: Step): Intent {
  if (!MOVES[intent.phase][step.type]) return intent;
  if (step.type === "review") {
    return { phase: "reviewing", key: step.key, body: step.body, beside: step.beside };
  }
  if (step.type === "back" || intent.phase === "editing") return EDITING;
  const { key, body, beside } = intent;
  const asked = { key, body, beside };
  switch (step.type) {
    case "send":
      return { phase: "sending", ...asked };
    case "answered":
      return { phase: "known", ...asked, order: step.order };
    case "failed":
      return {
        phase: step.trouble.outcome === "unknown" ? "unsure" : "refused",
        ...asked,
        trouble: step.trouble,
      };
  }
}

/** Whether sending again (under the same key) is sound: nothing is known to stand in its way, and it cannot be twice. */
export function maySendAgain(intent: Intent): boolean {
  if (intent.phase === "unsure") return !intent.trouble.answered;
  return intent.phase === "refused" && intent.trouble.retryable;
}

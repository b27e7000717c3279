/** Single keys for what is done all day. They are quiet while something is being typed or a dialog is open. */
import { useEffect } from "react";

export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "/", does: "Add or find a symbol" },
  { keys: "b", does: "Ticket: buy the selected symbol" },
  { keys: "s", does: "Ticket: sell the selected symbol" },
  { keys: "↑ ↓", does: "Move through the watchlist" },
  { keys: "Delete", does: "Remove the symbol from the watchlist" },
  { keys: "Enter", does: "In the ticket: review, then send" },
  { keys: "Esc", does: "Back, close" },
  { keys: "1 – 6", does: "Trade, Orders, Portfolio, Risk, Activity, Connection" },
  { keys: "t", does: "Dark or light" },
  { keys: "?", does: "These shortcuts" },
];

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Run `actions[key]` for keys pressed outside fields and dialogs. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [actions]);
}

/** Elements that shortcuts move to, by the id they carry. */
export const FOCUS = { search: "symbol-search", quantity: "ticket-quantity" } as const;

export function focusOn(id: string): void {
  const element = document.getElementById(id);
  element?.focus();
  if (element instanceof HTMLInputElement) element.select();
}

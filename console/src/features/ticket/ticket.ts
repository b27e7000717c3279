/**
 * The ticket: the draft, the intent made of it, and the requests that carry it out.
 *
 * It lives beside the page, not in it, so that an order on its way survives a change of view; what is on its way is
 * also noted for this tab, so that loading the page again asks after it instead of forgetting it.
 */
import { answer, type Service } from "@/shared/api/client";
import { type Trouble, troubleOf } from "@/shared/api/problem";
import type { OrderCreate, OrderView, Side } from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";
import type { OrdersFeed } from "../orders/ordersStore";
import { besideOf, bodyOf } from "./body";
import { type Draft, EMPTY, PRICELESS } from "./draft";
import { type Field, placeOf } from "./faults";
import { type Asked, advance, EDITING, type Intent, orderKeyOf, type Step } from "./intent";
import type { Rules } from "./rules";

export interface Ticket {
  readonly draft: Store<Draft>;
  readonly intent: Store<Intent>;
  /** The field that the service has refused, and its words; until something is changed. */
  readonly refused: Store<{ readonly field: Field; readonly text: string } | null>;
  /** Change the draft. */
  write(part: Partial<Draft>): void;
  /** Take up an instrument; its prices are written anew. */
  choose(symbol: string, part?: Partial<Pick<Draft, "side" | "type" | "limit" | "quantity">>): void;
  setSide(side: Side): void;
  review(rules?: Rules): void;
  back(): void;
  send(): Promise<void>;
  /** Ask what became of an order whose answer was lost. */
  check(): Promise<void>;
}

const ON_ITS_WAY = "ironbridge.on-its-way";

export function createTicket(service: Service, orders: OrdersFeed, newKey: () => string): Ticket {
  const draft = createStore<Draft>(EMPTY);
  const intent = createStore<Intent>(EDITING);
  const refused = createStore<{ readonly field: Field; readonly text: string } | null>(null);
  const lost = readNote();
  if (lost) {
    intent.set({ phase: "unsure", ...lost, trouble: RELOADED });
  }

  const step = (next: Step) => intent.set((now) => advance(now, next));

  function settle(outcome: Step) {
    step(outcome);
    if (outcome.type === "failed") {
      const { details, detail, nextStep } = outcome.trouble;
      const field = placeOf(details.field);
      refused.set(field && { field, text: `${detail} ${nextStep}` });
    }
    const now = intent.get();
    if (now.phase !== "unsure" && now.phase !== "sending") clearNote();
  }

  // The stream may know before the answer comes, or instead of it.
  orders.now.subscribe(() => {
    const now = intent.get();
    const order = now.phase === "unsure" && orders.now.get().orders.get(orderKeyOf(now));
    if (order) settle({ type: "answered", order });
  });

  return {
    draft,
    intent,
    refused,
    write(part) {
      refused.set(null);
      draft.set((now) => ({ ...now, ...part }));
    },
    choose(symbol, part = {}) {
      if (intent.get().phase === "reviewing") step({ type: "back" });
      draft.set((now) => {
        const fresh = now.symbol === symbol ? {} : PRICELESS;
        return { ...now, ...fresh, symbol, ...part };
      });
    },
    setSide(side) {
      if (intent.get().phase === "reviewing") step({ type: "back" });
      draft.set((now) => ({ ...now, side }));
    },
    review(rules) {
      const now = draft.get();
      refused.set(null);
      step({ type: "review", key: newKey(), body: bodyOf(now, rules), beside: besideOf(now) });
    },
    back() {
      settle({ type: "back" });
    },
    async send() {
      const before = intent.get();
      step({ type: "send" });
      const now = intent.get();
      // The same object: the step was passed over, because this order is on its way already.
      if (now === before || now.phase !== "sending") return;
      writeNote(now);
      try {
        const made = await submitted(service, now);
        for (const order of made) orders.take(order);
        const [order] = made;
        if (order) settle({ type: "answered", order });
      } catch (error) {
        settle({ type: "failed", trouble: troubleOf(error) });
      }
    },
    async check() {
      const now = intent.get();
      if (now.phase !== "unsure") return;
      try {
        const order = await answer(
          service.api.GET("/api/v1/ib/orders/{key}", { params: { path: { key: orderKeyOf(now) } } }),
        );
        orders.take(order);
        settle({ type: "answered", order });
      } catch (error) {
        const trouble = troubleOf(error);
        settle({
          type: "failed",
          trouble: trouble.status === 404 ? NOT_RECORDED : { ...trouble, outcome: "unknown" },
        });
      }
    },
  };
}

/** The orders that were made, the one of the ticket first. */
async function submitted(service: Service, { key, body, beside }: Asked): Promise<readonly OrderView[]> {
  const params = { header: { "idempotency-key": key } };
  if (!beside) return [await answer(service.api.POST("/api/v1/ib/orders", { body, params }))];
  if (beside.kind === "exits") {
    const { take_profit, stop_loss } = beside;
    const group = await answer(
      service.api.POST("/api/v1/ib/orders/brackets", { body: { ...body, take_profit, stop_loss }, params }),
    );
    return group.orders;
  }
  const { strategy, account, cash_quantity: _, quantity, ...terms } = body;
  const group = await answer(
    service.api.POST("/api/v1/ib/orders/oca", {
      body: {
        orders: [{ ...terms, quantity: quantity ?? "0" }, beside.other],
        kind: "cancel_with_block",
        account: account ?? null,
        strategy,
      },
      params,
    }),
  );
  return group.orders;
}

const UNSURE = { outcome: "unknown", retryable: true, answered: false, status: 0, details: {} } as const;

const RELOADED: Trouble = {
  ...UNSURE,
  slug: "reloaded",
  title: "Outcome unknown",
  detail: "This page was loaded again while the order was on its way.",
  nextStep: "Check what became of it.",
};

/** Not proof: the request may still be under way. Under the same key a second one cannot make a second order. */
const NOT_RECORDED: Trouble = {
  ...UNSURE,
  slug: "not-recorded",
  title: "Not recorded",
  detail: "The service has recorded no order under this key so far.",
  nextStep: "Send it again: it keeps its key, so it cannot become two orders.",
};

/** 96 random bits, short enough to be its own order reference in TWS. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function writeNote({ key, body, beside }: Asked) {
  try {
    sessionStorage.setItem(ON_ITS_WAY, JSON.stringify({ key, body, beside }));
  } catch {
    // The order itself is safe with the service; only this page's memory of it is not.
  }
}

function clearNote() {
  try {
    sessionStorage.removeItem(ON_ITS_WAY);
  } catch {
    // As above.
  }
}

function readNote(): Asked | null {
  try {
    const note: unknown = JSON.parse(sessionStorage.getItem(ON_ITS_WAY) ?? "null");
    if (typeof note !== "object" || note === null || !("key" in note) || !("body" in note)) return null;
    const beside = "beside" in note ? (note.beside as Asked["beside"]) : undefined;
    return { key: String(note.key), body: note.body as OrderCreate, beside };
  } catch {
    return null;
  }
}

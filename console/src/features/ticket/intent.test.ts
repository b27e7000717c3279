import { describe, expect, it } from "vitest";
import type { Trouble } from "@/shared/api/problem";
import { order } from "@/testing/samples";
import { bodyOf } from "./body";
import { EMPTY } from "./draft";
import { advance, EDITING, type Intent, maySendAgain, type Step } from "./intent";

const BODY = bodyOf({ ...EMPTY, symbol: "AAPL", quantity: "10", type: "MKT" });
const review = (key: string): Step => ({ type: "review", key, body: BODY });
const REVIEW = review("k1");

const failed = (over: Partial<Trouble>): Step => ({
  type: "failed",
  trouble: {
    slug: "x",
    title: "x",
    detail: "x",
    nextStep: "",
    outcome: "not_sent",
    retryable: false,
    answered: true,
    status: 422,
    details: {},
    ...over,
  },
});

const walk = (...steps: Step[]): Intent => steps.reduce(advance, EDITING);

describe("one intent", () => {
  it("keeps its key from review to outcome", () => {
    expect(walk(REVIEW)).toMatchObject({ phase: "reviewing", key: "k1" });
    expect(walk(REVIEW, { type: "send" })).toMatchObject({ phase: "sending", key: "k1" });
    expect(walk(REVIEW, { type: "send" }, { type: "answered", order: order() })).toMatchObject({
      phase: "known",
      key: "k1",
    });
  });

  it("passes a second send over while the first is on its way", () => {
    const sending = walk(REVIEW, { type: "send" });
    expect(advance(sending, { type: "send" })).toBe(sending);
  });

  it("cannot be given up while it is on its way", () => {
    const sending = walk(REVIEW, { type: "send" });
    expect(advance(sending, { type: "back" })).toBe(sending);
  });

  it("is unsure, not refused, where the outcome is unknown, and goes again under the same key", () => {
    const unsure = walk(REVIEW, { type: "send" }, failed({ outcome: "unknown", answered: false, status: 0 }));
    expect(unsure.phase).toBe("unsure");
    expect(maySendAgain(unsure)).toBe(true);
    expect(advance(unsure, { type: "send" })).toMatchObject({ phase: "sending", key: "k1", body: BODY });
  });

  it("is not sent again where the service itself says that the outcome is unknown", () => {
    const unsure = walk(REVIEW, { type: "send" }, failed({ outcome: "unknown", status: 504 }));
    expect(unsure.phase).toBe("unsure");
    expect(maySendAgain(unsure)).toBe(false);
  });

  it("is refused where nothing was sent or the broker said no", () => {
    expect(walk(REVIEW, { type: "send" }, failed({ outcome: "rejected" })).phase).toBe("refused");
    const passing = walk(REVIEW, { type: "send" }, failed({ retryable: true, status: 503 }));
    expect(passing.phase).toBe("refused");
    expect(maySendAgain(passing)).toBe(true);
  });

  it("takes a new key only with a new review", () => {
    const again = walk(REVIEW, { type: "send" }, failed({}), { type: "back" }, review("k2"));
    expect(again).toMatchObject({ phase: "reviewing", key: "k2" });
  });
});

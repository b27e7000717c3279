/**
 * Whatever can go wrong with a request, in one shape: the service's own problem details, or the lack of an answer.
 *
 * `outcome` is what matters where money moves: "not_sent" (nothing happened), "rejected" (the broker said no) or
 * "unknown" (it may have happened). A request that was cut off is never read as one that did not arrive.
 */
import type { Problem } from "./types";

export interface Trouble {
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  readonly nextStep: string;
  readonly outcome: Problem["outcome"];
  readonly retryable: boolean;
  /** The service answered. False: nothing is known of what it did. */
  readonly answered: boolean;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An error that carries a `Trouble`, for code that throws. */
export class RequestFailed extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.name = "RequestFailed";
    this.trouble = trouble;
  }
}

export function fromAnswer(body: unknown, status: number): Trouble {
  if (isProblem(body)) {
    return {
      slug: body.slug,
      title: body.title,
      detail: withFields(body),
      nextStep: body.next_step,
      outcome: body.outcome,
      retryable: body.retryable,
      answered: true,
      status,
      details: body.details ?? {},
    };
  }
  // Something between us and the service answered in its place: what the service did is not known.
  return {
    slug: "bad-answer",
    title: "Not the service",
    detail: `The answer (HTTP ${status}) did not come from Ironbridge.`,
    nextStep: "Check that the service runs and what stands between it and this page.",
    outcome: "unknown",
    retryable: false,
    answered: false,
    status,
    details: {},
  };
}

export function fromSilence(error: unknown): Trouble {
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return {
    slug: late ? "no-answer" : "unreachable",
    title: late ? "No answer in time" : "Service unreachable",
    detail: late
      ? "The service did not answer in time; it may still have acted."
      : "The service cannot be reached, or the answer was lost on the way.",
    nextStep: "Check that `ironbridge run` is running; this page reconnects by itself.",
    outcome: "unknown",
    retryable: true,
    answered: false,
    status: 0,
    details: {},
  };
}

export function troubleOf(error: unknown): Trouble {
  return error instanceof RequestFailed ? error.trouble : fromSilence(error);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "slug" in body && "detail" in body && "outcome" in body;
}

/** For invalid input the service names each field: a person wants to read them, not only that there are some. */
function withFields(problem: Problem): string {
  const errors = problem.details?.errors;
  if (!Array.isArray(errors)) return problem.detail;
  const lines = errors.flatMap((error: unknown) => {
    if (typeof error !== "object" || error === null) return [];
    const { field, message } = error as { field?: unknown; message?: unknown };
    return [`${String(field ?? "").replace(/^body\./, "")}: ${String(message ?? "")}`];
  });
  return lines.length ? `${problem.detail} ${lines.join("; ")}` : problem.detail;
}

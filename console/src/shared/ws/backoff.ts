/** How long to wait before the next attempt: exponential, with full jitter, so that many consoles do not return at once. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

export const BACKOFF: Backoff = { first: 500, longest: 15_000 };

/** Milliseconds to wait after `attempts` failures in a row (1 or more). `random` is in [0, 1). */
export function delayAfter(attempts: number, random: number, { first, longest }: Backoff = BACKOFF): number {
  const ceiling = Math.min(longest, first * 2 ** Math.min(attempts - 1, 20));
  // Never quite zero: a service that refuses at once must not be asked in a tight loop.
  return Math.round(ceiling * (0.1 + 0.9 * random));
}

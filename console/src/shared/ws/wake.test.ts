import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onWake } from "./wake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells of a sleep, of a network that came back, and of nothing else", () => {
  const reasons: string[] = [];
  let clock = 0;
  const stop = onWake(
    (reason) => reasons.push(reason),
    () => clock,
  );
  clock += 10_000;
  vi.advanceTimersByTime(10_000);
  // As slow as a browser makes the timers of a page in the background.
  clock += 61_000;
  vi.advanceTimersByTime(10_000);
  expect(reasons).toEqual([]);
  clock += 3_600_000;
  vi.advanceTimersByTime(10_000);
  expect(reasons).toEqual(["the machine was asleep"]);
  dispatchEvent(new Event("online"));
  expect(reasons).toEqual(["the machine was asleep", "the network came back"]);
  stop();
  dispatchEvent(new Event("online"));
  expect(reasons).toHaveLength(2);
});

/**
 * Tells when the machine has slept or the network has come back: sockets from before may be dead without a word.
 *
 * Nothing is asked of the network. A clock that jumps is a machine that slept; the limit is above the minute to which
 * browsers slow the timers of pages in the background.
 */
const STEP = 10_000;
const JUMP = 120_000;

export function onWake(call: (reason: string) => void, now: () => number = Date.now): () => void {
  let before = now();
  const timer = setInterval(() => {
    const gap = now() - before;
    before += gap;
    if (gap > JUMP) call("the machine was asleep");
  }, STEP);
  const online = () => call("the network came back");
  addEventListener("online", online);
  return () => {
    clearInterval(timer);
    removeEventListener("online", online);
  };
}

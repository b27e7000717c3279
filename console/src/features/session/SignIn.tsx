import { ArrowRight, KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/shared/ui/Button";
import { Mark } from "@/shared/ui/Mark";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import type { Session, SessionNow } from "./session";

export function SignIn({ session, now }: { session: Session; now: SessionNow & { phase: "signed-out" } }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    await session.signIn(token.trim());
    setBusy(false);
  }

  return (
    <main className="grid min-h-full place-items-center p-6">
      <div className="w-full max-w-sm">
        <div className="mb-8 flex items-center gap-3">
          <Mark className="size-9" />
          <div>
            <h1 className="text-lg leading-tight font-semibold tracking-tight">Ironbridge</h1>
            <p className="text-muted">Trading console for Interactive Brokers</p>
          </div>
        </div>
        <form
          onSubmit={submit}
          className="rounded-lg border border-line bg-panel p-5 shadow-pop"
          aria-label="Sign in"
        >
          {now.ended && (
            <p role="status" className="mb-4 rounded-md bg-warn-soft px-3 py-2 text-warn">
              Your session has ended. Orders at the broker stay as they are. Sign in again to see them.
            </p>
          )}
          <label htmlFor="token" className="mb-1.5 block font-medium">
            Access token
          </label>
          <div className="relative">
            <KeyRound
              className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-faint"
              aria-hidden
            />
            <input
              id="token"
              type="password"
              autoComplete="current-password"
              // biome-ignore lint/a11y/noAutofocus: the page has one field and nothing else to read first
              autoFocus
              value={token}
              onChange={(event) => setToken(event.target.value)}
              aria-describedby="token-help"
              className="h-9 w-full rounded-md border border-edge bg-field pr-3 pl-9"
            />
          </div>
          <p id="token-help" className="mt-2 text-xs text-muted">
            <Command>ironbridge token</Command> prints it on the machine that runs the service;{" "}
            <Command>ironbridge run</Command> also prints a link that signs in by itself.
          </p>
          {now.trouble && <TroubleNote trouble={now.trouble} className="mt-4" />}
          <Button
            type="submit"
            tone="accent"
            className="mt-5 w-full"
            size="lg"
            disabled={busy || !token.trim()}
          >
            {busy ? "Signing in…" : "Sign in"} <ArrowRight className="size-4" aria-hidden />
          </Button>
        </form>
      </div>
    </main>
  );
}

function Command({ children }: { children: string }) {
  return <code className="rounded bg-raised px-1 py-0.5 whitespace-nowrap">{children}</code>;
}

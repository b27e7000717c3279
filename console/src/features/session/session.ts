/**
 * Whether this browser is signed in. The cookie itself is out of reach of scripts; what is kept here is the second
 * secret, in memory only, so that it is gone with the page.
 */
import { answer, type Service } from "@/shared/api/client";
import { type Trouble, troubleOf } from "@/shared/api/problem";
import type { SessionView } from "@/shared/api/types";
import { createStore, type Store } from "@/shared/store";

export type SessionNow =
  | { phase: "checking" }
  | { phase: "signed-in"; version: string }
  | { phase: "signed-out"; trouble: Trouble | null; ended: boolean }
  | { phase: "unreachable"; trouble: Trouble };

export interface Session {
  readonly now: Store<SessionNow>;
  /** Find out where we stand: a token in the address signs in, else the cookie may still hold. */
  begin(token: string | null): Promise<void>;
  signIn(token: string): Promise<void>;
  signOut(): Promise<void>;
  /** A stream was refused: ask whether that is because the session ended. */
  recheck(): Promise<void>;
}

export function createSession(service: Service): Session {
  const now = createStore<SessionNow>({ phase: "checking" });
  let checking: Promise<void> | null = null;

  function admitted(view: SessionView) {
    service.setSecret(view.csrf_token);
    now.set({ phase: "signed-in", version: view.version });
  }

  function outside(trouble: Trouble | null, ended: boolean) {
    service.setSecret(null);
    now.set({ phase: "signed-out", trouble, ended });
  }

  service.onSignedOut(() => {
    if (now.get().phase === "signed-in") outside(null, true);
  });

  async function look() {
    try {
      admitted(await answer(service.api.GET("/api/v1/ib/session")));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.status === 401) {
        if (now.get().phase !== "signed-out") outside(null, false);
      } else if (now.get().phase !== "signed-in") {
        now.set({ phase: "unreachable", trouble });
      }
    }
  }

  async function signIn(token: string) {
    try {
      admitted(await answer(service.api.POST("/api/v1/ib/session", { body: { token } })));
    } catch (error) {
      outside(troubleOf(error), false);
    }
  }

  return {
    now,
    signIn,
    async begin(token) {
      now.set({ phase: "checking" });
      await (token ? signIn(token) : look());
    },
    async signOut() {
      try {
        await answer(service.api.DELETE("/api/v1/ib/session"));
        outside(null, false);
      } catch (error) {
        // The cookie may still be good: say so instead of pretending.
        if (troubleOf(error).status === 401) outside(null, false);
        else throw error;
      }
    },
    recheck() {
      checking ??= look().finally(() => {
        checking = null;
      });
      return checking;
    },
  };
}

/** The token of a sign-in link (`/#token=...`), taken out of the address so that it stays in no history. */
export function takeToken(location: Location, history: History): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return token.trim() || null;
}

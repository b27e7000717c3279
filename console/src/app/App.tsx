import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router";
import { SignIn } from "@/features/session/SignIn";
import { useStore } from "@/shared/store";
import { Button } from "@/shared/ui/Button";
import { Mark } from "@/shared/ui/Mark";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import { type Desk, DeskContext } from "./desk";
import { Shell } from "./Shell";
import type { Themes } from "./theme";

export function App({ desk, themes }: { desk: Desk; themes: Themes }) {
  return (
    <DeskContext value={desk}>
      <QueryClientProvider client={desk.queries}>
        <Door desk={desk} themes={themes} />
      </QueryClientProvider>
    </DeskContext>
  );
}

/** In front of the console: who is not signed in sees nothing of it. */
function Door({ desk, themes }: { desk: Desk; themes: Themes }) {
  const now = useStore(desk.session.now);
  switch (now.phase) {
    case "signed-in":
      return (
        <BrowserRouter>
          <Shell themes={themes} />
        </BrowserRouter>
      );
    case "signed-out":
      return <SignIn session={desk.session} now={now} />;
    case "unreachable":
      return (
        <main className="grid min-h-full place-items-center p-6">
          <div className="w-full max-w-md">
            <TroubleNote
              trouble={{ ...now.trouble, nextStep: "Start it with `ironbridge run`, then try again." }}
            >
              <Button onClick={() => void desk.session.begin(null)}>Try again</Button>
            </TroubleNote>
          </div>
        </main>
      );
    case "checking":
      return (
        <main className="grid min-h-full place-items-center" aria-busy="true">
          <div role="status" aria-label="Signing in" className="animate-pulse">
            <Mark className="size-10" />
          </div>
        </main>
      );
  }
}

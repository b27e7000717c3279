import { Keyboard, LogOut, Moon, Sun } from "lucide-react";
import { AccountStrip } from "@/features/account/AccountStrip";
import { ConnectionPill } from "@/features/connection/ConnectionPill";
import { ModeBadge } from "@/features/connection/ModeBadge";
import { SessionDots } from "@/features/connection/SessionDots";
import { KillButton } from "@/features/risk/KillSwitch";
import { troubleOf } from "@/shared/api/problem";
import { useStore } from "@/shared/store";
import { IconButton } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { Mark } from "@/shared/ui/Mark";
import { useDesk } from "./desk";
import type { Themes } from "./theme";

export function TopBar({ themes, onHelp }: { themes: Themes; onHelp: () => void }) {
  const { session, connection, announcer } = useDesk();
  const theme = useStore(themes.shown);
  const live = useStore(connection.now, ({ status }) => status?.paper === false);

  function signOut() {
    session.signOut().catch((error: unknown) => {
      const trouble = troubleOf(error);
      announcer.tell("Not signed out", { more: `${trouble.detail} ${trouble.nextStep}`, tone: "bad" });
    });
  }

  return (
    <header
      className={classes(
        "flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1.5 border-b bg-panel px-3 py-1.5",
        // Real money: the whole bar says so, not only the badge.
        live ? "border-b-2 border-down-solid shadow-[inset_0_3px_0_0_var(--c-down-solid)]" : "border-line",
      )}
    >
      <div className="flex items-center gap-2.5">
        <Mark className="size-7" />
        <span className="font-semibold tracking-tight max-lg:sr-only">Ironbridge</span>
        <ModeBadge />
      </div>
      <ConnectionPill />
      <SessionDots />
      <div className="ml-auto flex items-center gap-4">
        <AccountStrip />
        <KillButton />
        <div className="flex items-center">
          <IconButton label={theme === "dark" ? "Light theme" : "Dark theme"} onClick={themes.flip}>
            {theme === "dark" ? (
              <Sun className="size-4" aria-hidden />
            ) : (
              <Moon className="size-4" aria-hidden />
            )}
          </IconButton>
          <IconButton label="Keyboard shortcuts" onClick={onHelp} className="max-md:hidden">
            <Keyboard className="size-4" aria-hidden />
          </IconButton>
          <IconButton label="Sign out" onClick={signOut}>
            <LogOut className="size-4" aria-hidden />
          </IconButton>
        </div>
      </div>
    </header>
  );
}

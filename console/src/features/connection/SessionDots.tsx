import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { DOTS, SESSION_STATES } from "./states";

/** One dot for each session for market data, beside the pill of the one for orders. */
export function SessionDots() {
  const { connection } = useDesk();
  const sessions = useStore(connection.now, (now) => now.status?.sessions) ?? [];
  const away = useStore(connection.channel.status, (now) => now.state === "lost");
  const others = sessions.filter((session) => !session.carries_orders);
  if (others.length === 0) return null;
  return (
    <ul className="flex items-center gap-1.5" aria-label="Sessions for market data">
      {others.map(({ name, state, reason }) => {
        const { word, weight } = SESSION_STATES[state];
        return (
          <li key={name} title={`${name}: ${away ? "unknown" : `${word}. ${reason}`}`}>
            <span
              className={classes("block size-2 rounded-full", DOTS[away ? "quiet" : weight])}
              aria-hidden
            />
            <span className="sr-only">{`${name} ${away ? "unknown" : word}`}</span>
          </li>
        );
      })}
    </ul>
  );
}

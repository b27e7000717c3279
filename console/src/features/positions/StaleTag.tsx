import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";
import { Badge } from "@/shared/ui/Badge";

/** Beside positions and account while their numbers are from before. */
export function StaleTag() {
  const { portfolio } = useDesk();
  const { stale, account, positions } = useStore(portfolio.now);
  const away = useStore(portfolio.channel.status, (now) => now.state !== "live");
  const shown = account !== null || positions.size > 0;
  if (!shown || !(stale || away)) return null;
  return (
    <Badge tone="warn" title={away ? "The service cannot be heard" : "The session is down or reconciling"}>
      From before
    </Badge>
  );
}

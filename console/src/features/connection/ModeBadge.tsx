import { useDesk } from "@/app/desk";
import { useStore } from "@/shared/store";

/** Play money or real money: never to be mistaken. */
export function ModeBadge() {
  const { connection } = useDesk();
  const status = useStore(connection.now, (now) => now.status);
  if (!status || status.paper === null) return null;
  if (!status.paper) {
    return (
      <span
        title={`Live account ${status.account ?? ""}: orders are real`}
        className="inline-flex h-6 items-center rounded bg-down-solid px-2.5 text-xs font-extrabold tracking-widest text-on-solid"
      >
        LIVE
      </span>
    );
  }
  return (
    <span
      title={
        status.embedded
          ? "The built-in paper gateway: simulated prices and fills"
          : "A paper account: no real money moves"
      }
      className="inline-flex h-6 items-center rounded border border-dashed border-accent px-2 text-xs font-bold tracking-widest text-accent"
    >
      PAPER
    </span>
  );
}

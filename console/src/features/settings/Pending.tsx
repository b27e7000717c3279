import { useQueryClient } from "@tanstack/react-query";
import { useConnectionAction } from "@/features/connection/useConnectionAction";
import type { SettingsView } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";

/** What is saved but not yet used. */
export function Pending({ view }: { view: SettingsView }) {
  const act = useConnectionAction();
  const queries = useQueryClient();
  return (
    <>
      {view.pending.length > 0 && (
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-accent-soft px-3 py-2">
          <p>Saved, and used from the next reconnect on: {wordsOf(view.pending)}.</p>
          <Button
            size="sm"
            disabled={act.isPending}
            onClick={() =>
              act.mutate("reconnect", {
                onSettled: () => void queries.invalidateQueries({ queryKey: ["settings"] }),
              })
            }
          >
            {act.isPending ? "Reconnecting…" : "Reconnect now"}
          </Button>
        </div>
      )}
      {view.restart.length > 0 && (
        <p className="rounded-md bg-accent-soft px-3 py-2">
          Saved, and used from the next start of the service on: {wordsOf(view.restart)}.
        </p>
      )}
    </>
  );
}

const wordsOf = (fields: readonly string[]) => fields.map((name) => name.replace(/_/g, " ")).join(", ");

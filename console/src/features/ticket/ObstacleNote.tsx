import { CircleAlert } from "lucide-react";

/** Why the order cannot go now; it may be written meanwhile. */
export function ObstacleNote({ obstacle }: { obstacle: string | null }) {
  if (!obstacle) return null;
  return (
    <p role="status" className="flex gap-2 rounded-md bg-warn-soft/60 px-3 py-2">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
      <span className="min-w-0 break-words">No orders now. {obstacle}</span>
    </p>
  );
}

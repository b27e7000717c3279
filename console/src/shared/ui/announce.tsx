/**
 * What happens is said, too: outcomes of orders and changes of the connection reach a screen reader, and the eye as a
 * note at the edge that goes by itself. Errors stay until they are closed.
 */
import { X } from "lucide-react";
import { createStore, useStore } from "../store";
import { IconButton } from "./Button";
import { classes } from "./classes";

export type NoteTone = "good" | "bad" | "warn" | "plain";

interface Note {
  readonly id: number;
  readonly text: string;
  readonly more: string;
  readonly tone: NoteTone;
  readonly about: string;
}

export interface Announcer {
  /** Say it and show it. News about the same thing takes the place of what was said of it before. */
  tell(text: string, options?: { more?: string; tone?: NoteTone; about?: string }): void;
  close(id: number): void;
  readonly notes: ReturnType<typeof createStore<readonly Note[]>>;
}

const SHOWN = 4;
const STAYS = 6000;

export function createAnnouncer(): Announcer {
  const notes = createStore<readonly Note[]>([]);
  let count = 0;
  const close = (id: number) => notes.set((now) => now.filter((note) => note.id !== id));
  return {
    notes,
    close,
    tell(text, { more = "", tone = "plain", about = "" } = {}) {
      count += 1;
      const id = count;
      const others = notes.get().filter((note) => about === "" || note.about !== about);
      notes.set([...others, { id, text, more, tone, about }].slice(-SHOWN));
      if (tone === "good" || tone === "plain") setTimeout(() => close(id), STAYS);
    },
  };
}

const EDGES: Record<NoteTone, string> = {
  good: "border-l-up",
  bad: "border-l-down",
  warn: "border-l-warn",
  plain: "border-l-accent",
};

export function Notes({ announcer }: { announcer: Announcer }) {
  const notes = useStore(announcer.notes);
  return (
    <div
      aria-live="polite"
      role="log"
      aria-label="Notifications"
      className="pointer-events-none fixed right-3 bottom-3 z-60 flex w-80 max-w-[calc(100vw-1.5rem)] flex-col gap-2 max-md:bottom-16"
    >
      {notes.map((note) => (
        <div
          key={note.id}
          className={classes(
            "appear pointer-events-auto flex items-start gap-2 rounded-md border border-l-4 border-edge bg-panel py-2 pr-1 pl-3 shadow-pop",
            EDGES[note.tone],
          )}
        >
          <div className="min-w-0 flex-1 py-0.5">
            <p className="font-medium break-words">{note.text}</p>
            {note.more && <p className="break-words text-muted">{note.more}</p>}
          </div>
          <IconButton label="Dismiss" size="sm" onClick={() => announcer.close(note.id)}>
            <X className="size-3.5" aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}

import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";

interface Opened {
  title: ReactNode;
  description?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A panel over the right edge: more about one thing, without leaving the page. */
export function Drawer(props: Opened) {
  return <Sheet {...props} place="inset-y-0 right-0 w-full max-w-md border-l" />;
}

/** A short message or question in the middle of the page. */
export function Modal(props: Opened) {
  return (
    <Sheet
      {...props}
      place="top-[12vh] left-1/2 max-h-[76vh] w-[calc(100%-2rem)] max-w-lg -translate-x-1/2 rounded-xl border"
    />
  );
}

function Sheet({ title, description, onClose, children, place }: Opened & { place: string }) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Content
          className={classes("fixed z-50 flex flex-col border-edge bg-panel shadow-pop", place)}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className="flex min-h-12 shrink-0 items-center justify-between gap-3 border-b border-line pr-2 pl-4">
            <Dialog.Title className="min-w-0 text-base font-semibold">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close">
                <X className="size-4" aria-hidden />
              </IconButton>
            </Dialog.Close>
          </div>
          {description && <Dialog.Description className="sr-only">{description}</Dialog.Description>}
          <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { troubleOf } from "@/shared/api/problem";
import type { RiskView } from "@/shared/api/types";
import { Button, type Tone } from "@/shared/ui/Button";
import { Modal } from "@/shared/ui/Drawer";
import { TextField } from "@/shared/ui/Field";
import { TroubleNote } from "@/shared/ui/TroubleNote";

/** Asks why before something is done that others will ask about. The reason goes into the audit log. */
export function ReasonDialog({
  title,
  children,
  action,
  tone,
  doing,
  onClose,
}: {
  title: string;
  children: React.ReactNode;
  action: string;
  tone: Tone;
  doing: UseMutationResult<RiskView, Error, string>;
  onClose: () => void;
}) {
  const [reason, setReason] = useState("");
  const empty = reason.trim() === "";
  return (
    <Modal title={title} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty && !doing.isPending) doing.mutate(reason, { onSuccess: onClose });
        }}
      >
        <div className="space-y-1 text-muted">{children}</div>
        <TextField
          label="Reason"
          hint="A few words for those who come later; it goes into the audit log."
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
        />
        {doing.error && <TroubleNote trouble={troubleOf(doing.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" tone={tone} disabled={empty || doing.isPending}>
            {doing.isPending ? "Working…" : action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

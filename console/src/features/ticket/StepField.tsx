import { Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { TextField } from "@/shared/ui/Field";

/** A number that steps: arrow keys by one, with Shift by ten, and two small buttons for the mouse. */
export function StepField({
  label,
  value,
  error,
  aside,
  placeholder,
  id,
  onChange,
  onStep,
}: {
  label: string;
  value: string;
  error: string | undefined;
  aside?: ReactNode;
  placeholder?: string;
  id?: string;
  onChange: (value: string) => void;
  onStep: (direction: 1 | -1, times: number) => void;
}) {
  const button =
    "grid w-7 place-items-center border border-edge bg-raised text-muted hover:bg-hover hover:text-text";
  return (
    <TextField
      label={label}
      value={value}
      error={error}
      aside={aside}
      inputMode="decimal"
      maxLength={40}
      {...(placeholder ? { placeholder } : {})}
      {...(id ? { id } : {})}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        onStep(event.key === "ArrowUp" ? 1 : -1, event.shiftKey ? 10 : 1);
      }}
      after={
        <span className="flex shrink-0">
          <button
            type="button"
            tabIndex={-1}
            aria-label={`${label} down`}
            className={button}
            onClick={() => onStep(-1, 1)}
          >
            <Minus className="size-3" aria-hidden />
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-label={`${label} up`}
            className={`${button} rounded-r-md border-l-0`}
            onClick={() => onStep(1, 1)}
          >
            <Plus className="size-3" aria-hidden />
          </button>
        </span>
      }
    />
  );
}

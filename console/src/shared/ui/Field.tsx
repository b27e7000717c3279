import type { InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes } from "react";
import { useId } from "react";
import { classes } from "./classes";

interface Described {
  label: string;
  error?: string | undefined;
  hint?: ReactNode;
  /** Beside the label. */
  aside?: ReactNode;
  className?: string;
}

const BOX =
  "h-8 w-full min-w-0 rounded-md border bg-field px-2.5 aria-invalid:border-down disabled:opacity-50 border-edge";

function Frame({
  id,
  label,
  error,
  hint,
  aside,
  className,
  children,
}: Described & { id: string; children: ReactNode }) {
  return (
    <div className={className}>
      <div className="mb-1 flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="label">
          {label}
        </label>
        {aside && <span className="text-2xs text-faint">{aside}</span>}
      </div>
      {children}
      {error ? (
        <p id={`${id}-error`} role="alert" className="mt-1 text-xs text-down">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function describedBy(id: string, error: unknown, hint: unknown): string | undefined {
  return error ? `${id}-error` : hint ? `${id}-hint` : undefined;
}

export function TextField({
  label,
  error,
  hint,
  aside,
  className,
  after,
  ref,
  id: given,
  ...input
}: Described & InputHTMLAttributes<HTMLInputElement> & { after?: ReactNode; ref?: Ref<HTMLInputElement> }) {
  const made = useId();
  const id = given ?? made;
  return (
    <Frame {...{ id, label, error, hint, aside }} {...(className ? { className } : {})}>
      <div className="relative flex">
        <input
          id={id}
          ref={ref}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, error, hint)}
          className={classes(BOX, after ? "rounded-r-none border-r-0" : null)}
          autoComplete="off"
          spellCheck={false}
          {...input}
        />
        {after}
      </div>
    </Frame>
  );
}

export function SelectField({
  label,
  error,
  hint,
  aside,
  className,
  children,
  ...select
}: Described & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame {...{ id, label, error, hint, aside }} {...(className ? { className } : {})}>
      <select
        id={id}
        aria-describedby={describedBy(id, error, hint)}
        className={classes(BOX, "pr-1")}
        {...select}
      >
        {children}
      </select>
    </Frame>
  );
}

export function CheckField({
  label,
  hint,
  ...input
}: { label: string; hint?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-(--c-accent)"
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...input}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

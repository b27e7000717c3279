import { ToggleGroup } from "radix-ui";
import { classes } from "./classes";

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly title?: string;
}

/** One of a few, all in sight; arrow keys move. */
export function Segmented<Value extends string>({
  label,
  value,
  options,
  onChange,
  tone,
  size = "md",
}: {
  label: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  /** The look of the chosen one, where it carries a meaning. */
  tone?: (value: Value) => string;
  size?: "sm" | "md" | "lg";
}) {
  const height = { sm: "h-6 text-xs", md: "h-7", lg: "h-9 text-base font-semibold" }[size];
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next as Value)}
      className="grid auto-cols-fr grid-flow-col gap-0.5 rounded-md bg-raised p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          title={option.title}
          className={classes(
            "rounded-[5px] px-2.5 font-medium whitespace-nowrap text-muted transition-colors hover:text-text",
            height,
            option.value === value && (tone?.(value) ?? "bg-panel text-text shadow-sm ring-1 ring-line"),
          )}
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

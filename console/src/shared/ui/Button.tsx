import type { ButtonHTMLAttributes } from "react";
import { classes } from "./classes";

export type Tone = "plain" | "quiet" | "accent" | "buy" | "sell" | "danger";

const TONES: Record<Tone, string> = {
  plain: "border border-edge bg-raised hover:bg-hover text-text",
  quiet: "text-muted hover:bg-hover hover:text-text",
  accent: "bg-accent text-on-accent hover:brightness-110",
  buy: "bg-up-solid text-on-solid hover:brightness-110",
  sell: "bg-down-solid text-on-solid hover:brightness-110",
  danger: "border border-edge bg-raised text-down hover:bg-down-soft",
};

const SIZES = {
  sm: "h-6 px-2 text-xs rounded",
  md: "h-8 px-3 rounded-md",
  lg: "h-10 px-4 text-base font-semibold rounded-md",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  size?: keyof typeof SIZES;
}

export function Button({ tone = "plain", size = "md", className, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(
        "inline-flex shrink-0 items-center justify-center gap-1.5 font-medium whitespace-nowrap transition-colors",
        "disabled:cursor-not-allowed disabled:opacity-45 disabled:hover:brightness-100",
        TONES[tone],
        SIZES[size],
        className,
      )}
      {...rest}
    />
  );
}

/** A button that is only a picture: it must have a name, and shows it. */
export function IconButton({ label, className, ...rest }: ButtonProps & { label: string }) {
  return (
    <Button
      tone="quiet"
      aria-label={label}
      title={label}
      className={classes("!px-0 aspect-square", className)}
      {...rest}
    />
  );
}

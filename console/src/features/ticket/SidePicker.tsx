import { ToggleGroup } from "radix-ui";
import { type Line, middle } from "@/features/watchlist/marketStore";
import { isCurrent } from "@/features/watchlist/QualityTags";
import { digitsOfLine } from "@/features/watchlist/useLine";
import type { Side } from "@/shared/api/types";
import { formatCompact, formatNumber } from "@/shared/format/number";
import { classes } from "@/shared/ui/classes";
import { Flash } from "@/shared/ui/Flash";

/** Sell at the bid or buy at the ask: the two prices are the two sides. */
export function SidePicker({
  side,
  line,
  onChange,
}: {
  side: Side;
  line: Line;
  /** With the price that was in sight when it was chosen. */
  onChange: (side: Side, price: number | null) => void;
}) {
  const { quote } = line;
  const digits = digitsOfLine(line);
  const mid = quote && middle(quote);
  return (
    <div>
      <ToggleGroup.Root
        type="single"
        aria-label="Side"
        value={side}
        onValueChange={(next) => {
          // A click on the chosen side takes its price anew.
          const chosen = (next || side) as Side;
          onChange(chosen, (chosen === "BUY" ? quote?.ask : quote?.bid) ?? null);
        }}
        className="grid grid-cols-2 gap-1.5"
      >
        <Choice
          value="SELL"
          chosen={side === "SELL"}
          word="Sell"
          price={quote?.bid}
          size={quote?.bid_size}
          {...{ digits, line }}
        />
        <Choice
          value="BUY"
          chosen={side === "BUY"}
          word="Buy"
          price={quote?.ask}
          size={quote?.ask_size}
          {...{ digits, line }}
        />
      </ToggleGroup.Root>
      <p className="mt-1.5 flex justify-between text-xs text-muted">
        <span>Mid {formatNumber(mid, digits + 1)}</span>
        <span>
          Spread{" "}
          {formatNumber(
            quote && quote.ask !== null && quote.bid !== null ? quote.ask - quote.bid : null,
            digits,
          )}
        </span>
      </p>
    </div>
  );
}

function Choice({
  value,
  chosen,
  word,
  price,
  size,
  digits,
  line,
}: {
  value: Side;
  chosen: boolean;
  word: string;
  price: number | null | undefined;
  size: number | null | undefined;
  digits: number;
  line: Line;
}) {
  const solid = value === "BUY" ? "bg-up-solid border-up-solid" : "bg-down-solid border-down-solid";
  return (
    <ToggleGroup.Item
      value={value}
      aria-label={`${word} ${price ?? ""}`}
      className={classes(
        "rounded-md border px-3 py-1.5 text-left transition-colors",
        chosen ? `${solid} text-on-solid` : "border-edge bg-raised text-text hover:bg-hover",
      )}
    >
      <span className="flex items-baseline justify-between text-2xs font-semibold">
        <span className={chosen ? "" : value === "BUY" ? "text-up" : "text-down"}>{word}</span>
        <span className={chosen ? "" : "text-faint"}>{formatCompact(size)}</span>
      </span>
      <span
        className={classes(
          "text-lg leading-6 font-semibold tracking-tight",
          !isCurrent(line) && "opacity-60",
        )}
      >
        {chosen ? formatNumber(price, digits) : <Flash value={price}>{formatNumber(price, digits)}</Flash>}
      </span>
    </ToggleGroup.Item>
  );
}

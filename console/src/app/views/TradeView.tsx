import { Tabs } from "radix-ui";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import { Orders } from "@/features/orders/Orders";
import { Positions } from "@/features/positions/Positions";
import { StaleTag } from "@/features/positions/StaleTag";
import { TicketPanel } from "@/features/ticket/TicketPanel";
import { Watchlist } from "@/features/watchlist/Watchlist";
import { useStore } from "@/shared/store";

/** Prices, the ticket, and what comes of it, in one view. */
export function TradeView() {
  return (
    <div className="grid gap-2 lg:h-full lg:grid-cols-[minmax(0,1fr)_20.5rem] lg:grid-rows-[minmax(0,1.15fr)_minmax(0,1fr)]">
      <h1 className="sr-only">Trade</h1>
      <Watchlist className="max-lg:max-h-96" />
      <TicketPanel className="lg:row-span-2" />
      <Blotter />
    </div>
  );
}

const TAB =
  "relative h-10 px-1 font-semibold text-muted outline-offset-[-3px] hover:text-text data-[state=active]:text-text " +
  "data-[state=active]:after:absolute data-[state=active]:after:inset-x-0 data-[state=active]:after:-bottom-px " +
  "data-[state=active]:after:h-0.5 data-[state=active]:after:bg-accent";

function Blotter() {
  const { orders, portfolio } = useDesk();
  const [tab, setTab] = useState("positions");
  const open = useStore(orders.now, (now) => [...now.orders.values()].filter((order) => order.open).length);
  const done = useStore(orders.now, (now) => [...now.orders.values()].filter((order) => !order.open).length);
  const held = useStore(portfolio.now, (now) => now.positions.size);
  const tabs = [
    { value: "positions", label: "Positions", count: held },
    { value: "open", label: "Open orders", count: open },
    { value: "done", label: "Completed", count: done },
  ] as const;

  return (
    <Tabs.Root
      value={tab}
      onValueChange={setTab}
      className="flex min-h-64 min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-panel lg:min-h-0"
    >
      <div className="flex shrink-0 items-center justify-between gap-3 border-b border-line px-3">
        <Tabs.List aria-label="Positions and orders" className="flex gap-5">
          {tabs.map(({ value, label, count }) => (
            <Tabs.Trigger key={value} value={value} className={TAB}>
              {label} <span className="ml-0.5 text-xs font-medium text-faint">{count}</span>
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {tab === "positions" && <StaleTag />}
      </div>
      {tabs.map(({ value }) => (
        <Tabs.Content key={value} value={value} className="flex min-h-0 flex-1 flex-col">
          {value === "positions" ? <Positions /> : <Orders which={value} />}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

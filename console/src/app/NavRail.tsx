import { ArrowLeftRight, Cable, ListOrdered, ScrollText, ShieldCheck, Wallet } from "lucide-react";
import { NavLink } from "react-router";
import { useStore } from "@/shared/store";
import { classes } from "@/shared/ui/classes";
import { useDesk } from "./desk";

const PLACES = [
  { to: "/", label: "Trade", icon: ArrowLeftRight },
  { to: "/orders", label: "Orders", icon: ListOrdered },
  { to: "/portfolio", label: "Portfolio", icon: Wallet },
  { to: "/risk", label: "Risk", icon: ShieldCheck },
  { to: "/activity", label: "Activity", icon: ScrollText },
  { to: "/connection", label: "Connection", icon: Cable },
] as const;

export function NavRail() {
  const { orders } = useDesk();
  const open = useStore(
    orders.now,
    ({ orders }) => [...orders.values()].filter((order) => order.open).length,
  );
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 gap-1 border-line bg-panel max-md:gap-0 max-md:border-t max-md:p-1 md:w-18 md:flex-col md:bg-transparent md:px-1.5 md:py-2"
    >
      {PLACES.map(({ to, label, icon: Icon }) => (
        <NavLink
          key={to}
          to={to}
          end
          className={({ isActive }) =>
            classes(
              "relative flex flex-col items-center gap-0.5 rounded-md px-1 py-2 text-2xs font-medium transition-colors max-md:min-w-0 max-md:flex-1 max-md:px-0",
              isActive ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-text",
            )
          }
        >
          <Icon className="size-4.5" strokeWidth={1.75} aria-hidden />
          {label}
          {label === "Orders" && open > 0 && (
            <span className="absolute top-1 right-2.5 grid h-4 min-w-4 place-items-center rounded-full bg-accent px-1 text-[10px] leading-none font-bold text-on-accent">
              {open}
              <span className="sr-only"> open</span>
            </span>
          )}
        </NavLink>
      ))}
    </nav>
  );
}

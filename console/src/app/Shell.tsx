import { useMemo, useState } from "react";
import { Navigate, Route, Routes, useNavigate } from "react-router";
import { LinkBanner } from "@/features/connection/LinkBanner";
import { useSessionNews } from "@/features/connection/useSessionNews";
import { useOrderNews } from "@/features/orders/useOrderNews";
import { KillBanner } from "@/features/risk/KillSwitch";
import { Notes } from "@/shared/ui/announce";
import { useDesk } from "./desk";
import { NavRail } from "./NavRail";
import { ShortcutSheet } from "./ShortcutSheet";
import { FOCUS, focusOn, useShortcuts } from "./shortcuts";
import { TopBar } from "./TopBar";
import type { Themes } from "./theme";
import { ActivityView } from "./views/ActivityView";
import { ConnectionView } from "./views/ConnectionView";
import { OrdersView } from "./views/OrdersView";
import { PortfolioView } from "./views/PortfolioView";
import { RiskView } from "./views/RiskView";
import { TradeView } from "./views/TradeView";

export function Shell({ themes }: { themes: Themes }) {
  const { ticket, announcer } = useDesk();
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  useSessionNews();
  useOrderNews();

  const actions = useMemo(() => {
    /** Go to the trade view first: the element may not be on the page yet. */
    const onTrade = (id: string) => {
      navigate("/");
      requestAnimationFrame(() => focusOn(id));
    };
    return {
      "/": () => onTrade(FOCUS.search),
      b: () => {
        ticket.setSide("BUY");
        onTrade(FOCUS.quantity);
      },
      s: () => {
        ticket.setSide("SELL");
        onTrade(FOCUS.quantity);
      },
      t: themes.flip,
      "?": () => setHelp(true),
      "1": () => navigate("/"),
      "2": () => navigate("/orders"),
      "3": () => navigate("/portfolio"),
      "4": () => navigate("/risk"),
      "5": () => navigate("/activity"),
      "6": () => navigate("/connection"),
    };
  }, [ticket, themes, navigate]);
  useShortcuts(actions);

  return (
    <div className="flex h-full flex-col">
      <TopBar themes={themes} onHelp={() => setHelp(true)} />
      <LinkBanner />
      <KillBanner />
      <div className="flex min-h-0 flex-1 max-md:flex-col-reverse">
        <NavRail />
        <main className="min-h-0 min-w-0 flex-1 overflow-auto p-2 md:pl-0">
          <Routes>
            <Route path="/" element={<TradeView />} />
            <Route path="/orders" element={<OrdersView />} />
            <Route path="/portfolio" element={<PortfolioView />} />
            <Route path="/risk" element={<RiskView />} />
            <Route path="/activity" element={<ActivityView />} />
            <Route path="/connection" element={<ConnectionView themes={themes} />} />
            <Route path="*" element={<Navigate to="/" replace />} />
          </Routes>
        </main>
      </div>
      {help && <ShortcutSheet onClose={() => setHelp(false)} />}
      <Notes announcer={announcer} />
    </div>
  );
}

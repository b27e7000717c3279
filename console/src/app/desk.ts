/**
 * Everything a person works with, put together once: the service, the session, the streams, the watchlist, the ticket.
 *
 * This is the console's one place of assembly. Components reach it through `useDesk`; tests make their own.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type ConnectionFeed, createConnectionFeed, isReady } from "@/features/connection/connectionStore";
import { createOrdersFeed, type OrdersFeed } from "@/features/orders/ordersStore";
import { createPortfolioFeed, type PortfolioFeed } from "@/features/positions/portfolioStore";
import { createRiskFeed, type RiskFeed } from "@/features/risk/riskStore";
import { createSession, type Session } from "@/features/session/session";
import { createTicket, randomKey, type Ticket } from "@/features/ticket/ticket";
import { createMarketFeed, type MarketFeed } from "@/features/watchlist/marketStore";
import { createWatchlist, type Watchlist } from "@/features/watchlist/symbols";
import { createService, type Service } from "@/shared/api/client";
import { createQueryClient } from "@/shared/api/queries";
import { type Announcer, createAnnouncer } from "@/shared/ui/announce";
import type { Channel } from "@/shared/ws/channel";
import { onWake } from "@/shared/ws/wake";

export interface Desk {
  readonly service: Service;
  readonly queries: QueryClient;
  readonly session: Session;
  readonly connection: ConnectionFeed;
  readonly orders: OrdersFeed;
  readonly portfolio: PortfolioFeed;
  readonly risk: RiskFeed;
  readonly market: MarketFeed;
  readonly watchlist: Watchlist;
  readonly ticket: Ticket;
  readonly announcer: Announcer;
  readonly channels: readonly Channel[];
}

const ALERT_TONES = { info: "plain", warning: "warn", critical: "bad" } as const;

export function createDesk(origin: string): Desk {
  const service = createService(origin);
  const session = createSession(service);
  const recheck = () => void session.recheck();
  const announcer = createAnnouncer();
  const connection = createConnectionFeed(service, recheck, (alert) =>
    announcer.tell(alert.text, {
      more: alert.next_step,
      tone: ALERT_TONES[alert.severity],
      about: "gateway",
    }),
  );
  const orders = createOrdersFeed(service, recheck);
  const portfolio = createPortfolioFeed(service, recheck);
  const risk = createRiskFeed(service, recheck);
  const market = createMarketFeed(service, recheck);
  const watchlist = createWatchlist();
  const ticket = createTicket(service, orders, randomKey);
  ticket.write({ symbol: watchlist.symbols.get()[0] ?? "" });

  const channels = [connection.channel, orders.channel, portfolio.channel, risk.channel, market.channel];
  const queries = createQueryClient();

  // The streams run while somebody is signed in, and only then.
  let running = false;
  session.now.subscribe(() => {
    const wanted = session.now.get().phase === "signed-in";
    if (wanted === running) return;
    running = wanted;
    for (const channel of channels) wanted ? channel.start() : channel.stop();
  });

  // What a sleeping machine has missed is asked for anew; a socket from before may be dead and not know it.
  onWake((reason) => {
    for (const channel of channels) if (running) channel.restart(reason);
  });

  // What was refused because the gateway was away is asked for again when it is back.
  let ready = false;
  connection.now.subscribe(() => {
    const now = isReady(connection.now.get().status);
    if (now && !ready) {
      market.retry();
      void queries.invalidateQueries();
    }
    ready = now;
  });

  return {
    service,
    queries,
    session,
    connection,
    orders,
    portfolio,
    risk,
    market,
    watchlist,
    ticket,
    announcer,
    channels,
  };
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk is used outside DeskContext");
  return desk;
}

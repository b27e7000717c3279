/** The console as a whole, in front of a service over real sockets. */
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { contract, order, pacing, position, quote, status } from "@/testing/samples";
import { type Line, problem, type StandIn, standIn } from "@/testing/service";
import { App } from "./App";
import { createDesk, type Desk } from "./desk";
import { createThemes } from "./theme";

let service: StandIn;
let desk: Desk;

beforeEach(async () => {
  localStorage.setItem("ironbridge.watchlist", '["AAPL"]');
  window.history.replaceState(null, "", "/");
  service = await standIn();
  service.on("GET /session", () => [
    200,
    { method: "cookie", csrf_token: "s", expires_at: null, version: "0.1.0" },
  ]);
  service.on("GET /connection/health", () => [503, problem("not-connected", "No session.")]);
  service.on("GET /instruments", () => [200, contract()]);
  desk = createDesk(service.origin);
});

afterEach(async () => {
  act(() => {
    for (const channel of desk.channels) channel.stop();
  });
  await service.close();
});

const preference = { matches: true, addEventListener: () => {} } as unknown as MediaQueryList;

/** The console with all its streams up, as the service begins them. */
async function open(now = status()): Promise<Record<"connection" | "orders" | "portfolio" | "market", Line>> {
  render(<App desk={desk} themes={createThemes(document.documentElement, preference)} />);
  await act(() => desk.session.begin(null));
  const [connection, orders, portfolio, market] = await Promise.all(
    ["connection", "orders", "portfolio", "market-data"].map((name) => service.stream(name)),
  );
  if (!connection || !orders || !portfolio || !market) throw new Error("a stream did not come");
  connection.send({ type: "snapshot", status: now, pacing: pacing(), data_pacing: [], sequence: 0 });
  orders.send({ type: "snapshot", orders: [], sequence: 0, complete: true });
  portfolio.send({
    type: "snapshot",
    account: null,
    positions: [position()],
    pnl: null,
    stale: false,
    sequence: 0,
  });
  await market.heard();
  market.send({
    type: "subscribed",
    symbol: "AAPL",
    con_id: 1,
    name: "AAPL",
    long_name: "APPLE INC",
    min_tick: 0.01,
  });
  market.send(quote());
  await screen.findByText("APPLE INC · NASDAQ · USD");
  return { connection, orders, portfolio, market };
}

const ticket = () => within(screen.getByRole("region", { name: "Order ticket" }));

async function write(quantity: string, limit: string) {
  await userEvent.type(ticket().getByLabelText("Quantity"), quantity);
  await userEvent.type(ticket().getByLabelText("Limit price"), limit);
}

it("shows prices, positions and where the connection stands", async () => {
  const { market } = await open();
  expect(screen.getByTestId("connection-state").textContent).toBe("Ready");
  expect(screen.getByText("PAPER")).toBeTruthy();
  const row = within(screen.getByRole("table", { name: "Watchlist" })).getAllByRole("row")[1];
  await waitFor(() => expect(row?.textContent).toContain("227.34"));
  market.send(quote({ bid: 229.11, quality: "stale" }));
  await waitFor(() => expect(row?.textContent).toContain("229.11"));
  expect(row?.textContent).toContain("Stale");
  expect(screen.getByRole("table", { name: "Positions" }).textContent).toContain("2,274.00");
});

it("cannot be taken for paper when it is live", async () => {
  await open(status({ paper: false, account: "U1234567", embedded: false }));
  expect(await screen.findByText("LIVE")).toBeTruthy();
  expect(screen.queryByText("PAPER")).toBeNull();
});

it("sends one order for the keys of one intent, and follows it to its end", async () => {
  const { orders } = await open();
  service.on("POST /orders", ({ headers }) => [201, order({ key: String(headers["idempotency-key"]) })]);
  await write("10", "227.35");
  await userEvent.keyboard("{Enter}");
  await screen.findByRole("button", { name: "Send buy order" });
  await userEvent.dblClick(screen.getByRole("button", { name: "Send buy order" }));
  const outcome = await ticket().findByRole("status");
  expect(outcome.textContent).toContain("Working");
  const sent = service.asked.filter(({ method, path }) => method === "POST" && path.endsWith("/orders"));
  expect(sent).toHaveLength(1);
  const key = String(sent[0]?.headers["idempotency-key"]);
  orders.send({
    type: "order",
    sequence: 9,
    order: order({ key, state: "filled", open: false, filled: "10", average_price: "227.34", sequence: 9 }),
  });
  await waitFor(() => expect(ticket().getByRole("status").textContent).toContain("Filled"));
  expect(screen.getByRole("log").textContent).toContain("Filled: Buy 10 AAPL, limit 227.35");
});

it("shows an unknown outcome as unknown", async () => {
  await open();
  service.on("POST /orders", () => [
    504,
    problem("order-unknown", "No answer came for the order.", {
      outcome: "unknown",
      next_step: "Wait for it.",
    }),
  ]);
  await write("10", "227.35");
  await userEvent.keyboard("{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "Send buy order" }));
  const alert = await ticket().findByRole("alert");
  expect(alert.textContent).toContain("Outcome unknown");
  expect(alert.textContent).toContain("Wait for it.");
  expect(ticket().queryByRole("button", { name: "Send again" })).toBeNull();
  expect(ticket().queryByText(/not sent|failed/i)).toBeNull();
});

it("names what is wrong beside the field it is in", async () => {
  await open();
  await write("-5", "227.353");
  expect(ticket().getByText(/must be positive/)).toBeTruthy();
  expect(ticket().getByText("Prices move in steps of 0.01 here. Use 227.35 or 227.36.")).toBeTruthy();
  expect(ticket().getByLabelText("Quantity").getAttribute("aria-invalid")).toBe("true");
});

it("lets nothing be sent while the gateway is not ready, and says why", async () => {
  const { connection } = await open();
  connection.send({
    type: "connection",
    at: "2026-11-20T15:00:01Z",
    before: "ready",
    after: "reconnecting",
    reason: "the socket closed",
    status: status({ state: "reconnecting", ready: false, reason: "the socket closed" }),
    sequence: 1,
  });
  await waitFor(() => expect(screen.getByTestId("connection-state").textContent).toBe("Reconnecting"));
  expect(ticket().getByRole("button", { name: "Review buy order" }).hasAttribute("disabled")).toBe(true);
  expect(
    ticket().getByText(/No orders now\. The gateway is not ready \(reconnecting: the socket closed\)/),
  ).toBeTruthy();
});

it("says that the service is away and marks what is from before", async () => {
  await open();
  await service.close(); // for good: cut streams alone would find their way back by themselves
  const [banner, tag] = await Promise.all([
    screen.findByText("Service unreachable.", {}, { timeout: 5000 }),
    screen.findByText("Before the cut", {}, { timeout: 5000 }),
  ]);
  expect(banner.textContent).toBeTruthy();
  expect(tag.textContent).toBeTruthy();
});

it("takes a symbol off again where there is no such thing", async () => {
  const { market } = await open();
  await userEvent.keyboard("/");
  await waitFor(() => expect(document.activeElement?.id).toBe("symbol-search"));
  await userEvent.keyboard("nosuch{Enter}");
  await market.heard();
  market.send({
    type: "error",
    slug: "instrument-not-found",
    title: "Instrument not found",
    detail: "IB knows no stock NOSUCH.",
    next_step: "Check the symbol.",
    outcome: "not_sent",
    retryable: false,
    symbol: "NOSUCH",
    details: {},
  });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("NOSUCH was not added");
  expect(alert.textContent).toContain("Check the symbol.");
  expect(desk.watchlist.symbols.get()).toEqual(["AAPL"]);
});

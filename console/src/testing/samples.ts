/** Messages as the service sends them, for tests; each with what the test is about put over it. */
import type {
  ConnectionStatus,
  ContractView,
  DailyPnlView,
  GatewaySession,
  GatewayView,
  MarketDataMessage,
  OrderView,
  Pacing,
  PositionView,
  RiskLimits,
  RiskView,
} from "@/shared/api/types";

const AT = "2026-11-20T15:00:00Z";

export const INSTRUMENT: OrderView["instrument"] = {
  name: "AAPL",
  text: "AAPL",
  kind: "STK",
  symbol: "AAPL",
  exchange: "SMART",
  currency: "USD",
  primary_exchange: "NASDAQ",
  expiry: "",
  strike: null,
  right: null,
  multiplier: null,
  trading_class: "NMS",
  local_symbol: "AAPL",
  con_id: 265598,
};

export function order(over: Partial<OrderView> = {}): OrderView {
  return {
    key: "k1",
    order_id: 7,
    client_id: 1,
    perm_id: 0,
    ref: "k1",
    symbol: "AAPL",
    instrument: INSTRUMENT,
    side: "BUY",
    quantity: "10",
    order_type: "LMT",
    limit_price: "227.35",
    stop_price: null,
    trail_amount: null,
    trail_percent: null,
    limit_offset: null,
    offset: null,
    time_in_force: "DAY",
    good_till: null,
    good_after: null,
    outside_hours: false,
    cash_quantity: null,
    conditions: null,
    algorithm: null,
    scaling: null,
    display_size: null,
    min_quantity: null,
    all_or_none: false,
    hidden: false,
    trigger_method: "default",
    discretionary_amount: null,
    guaranteed: true,
    terms: "LMT 227.35 DAY",
    account: "DU1000001",
    strategy: "console",
    state: "working",
    open: true,
    filled: "0",
    remaining: "10",
    average_price: null,
    commissions: [],
    fills: [],
    code: null,
    reason: "",
    notices: [],
    duplicates: [],
    pending: null,
    modifications: [],
    group: "",
    role: null,
    parent: "",
    created_at: AT,
    updated_at: AT,
    sequence: 1,
    summary: "BUY 10 AAPL LMT 227.35 DAY",
    ...over,
  };
}

export function position(over: Partial<PositionView> = {}): PositionView {
  return {
    account: "DU1000001",
    symbol: "AAPL",
    instrument: INSTRUMENT,
    quantity: "10",
    average_cost: "227.35",
    market_price: "227.4",
    market_value: "2274",
    unrealized_pnl: "0.5",
    realized_pnl: "0",
    daily_pnl: "1.5",
    ...over,
  };
}

export function pnl(over: Partial<DailyPnlView> = {}): DailyPnlView {
  return {
    account: "DU1000001",
    currency: "USD",
    amount: "1.5",
    source: "broker",
    since: null,
    at: AT,
    unrealized: "0.5",
    realized: "1",
    check: null,
    check_since: null,
    ...over,
  };
}

export function quote(over: Partial<MarketDataMessage> = {}): MarketDataMessage {
  return {
    type: "market_data",
    symbol: "AAPL",
    timestamp: AT,
    bid: 227.34,
    bid_size: 300,
    ask: 227.36,
    ask_size: 200,
    last: 227.35,
    last_size: 100,
    volume: 1_250_000,
    open: 226,
    high: 228,
    low: 225,
    close: 226.5,
    kind: "live",
    quality: "good",
    sequence: 1,
    ...over,
  };
}

export function contract(over: Partial<ContractView> = {}): ContractView {
  return {
    symbol: "AAPL",
    instrument: INSTRUMENT,
    long_name: "APPLE INC",
    min_tick: "0.01",
    increments: [{ low_edge: "0", increment: "0.01" }],
    size_increment: "1",
    min_size: "1",
    multiplier: "1",
    order_types: ["LMT", "MKT"],
    valid_exchanges: ["SMART"],
    time_zone: "US/Eastern",
    trading_hours: "",
    liquid_hours: "",
    resolved_at: AT,
    ...over,
  };
}

export function pacing(over: Partial<Pacing> = {}): Pacing {
  return {
    session: "orders",
    at: AT,
    limits: [
      {
        limit: "lines",
        title: "market-data lines",
        used: 42,
        allowed: 100,
        window_s: null,
        share: 0.42,
        near: false,
        waiting: 0,
        eta_s: 0,
        source: "TWS API, Market Data Lines",
        code: 101,
      },
    ],
    lanes: [{ lane: "order", waiting: 0, eta_s: 0 }],
    admitted: 12,
    violations: 0,
    ...over,
  };
}

export function status(over: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    state: "ready",
    ready: true,
    reason: "reconciled",
    since: AT,
    host: "127.0.0.1",
    port: 4002,
    client_id: 1,
    server_version: 178,
    accounts: ["DU1000001"],
    account: "DU1000001",
    paper: true,
    embedded: true,
    upstream: true,
    farms: [],
    attempts: 0,
    last_error: null,
    next_attempt_at: null,
    round_trip_ms: null,
    next_expected: null,
    sessions: [],
    ...over,
  };
}

export function gatewaySession(over: Partial<GatewaySession> = {}): GatewaySession {
  return {
    name: "orders",
    carries_orders: true,
    state: "ready",
    ready: true,
    reason: "orders, positions and subscriptions are up to date",
    since: AT,
    host: "10.0.0.1",
    port: 4002,
    client_id: 1,
    gateways: [gateway()],
    moves: 0,
    kinds: [],
    lines: 0,
    line_limit: 100,
    waiting: 0,
    eta_s: 0,
    near: [],
    round_trip_ms: 3,
    clock_skew_s: null,
    last_error: null,
    next_attempt_at: null,
    ...over,
  };
}

export function gateway(over: Partial<GatewayView> = {}): GatewayView {
  return {
    host: "10.0.0.1",
    port: 4002,
    primary: true,
    current: true,
    breaker: "closed",
    refused: "",
    ...over,
  };
}

export function limits(over: Partial<RiskLimits> = {}): RiskLimits {
  return {
    scope: "all",
    max_quantity: null,
    max_notional: null,
    max_position: null,
    max_exposure: null,
    price_collar: null,
    max_open_orders: null,
    order_rate: null,
    duplicate_window: null,
    market_hours: false,
    block_on_unexplained: false,
    max_quote_age: null,
    min_buying_power: null,
    allowed: [],
    denied: [],
    max_daily_loss: null,
    on_daily_loss: "refuse",
    ...over,
  };
}

export function risk(over: Partial<RiskView["kill_switch"]> = {}, rest: Partial<RiskView> = {}): RiskView {
  return {
    limits: [limits({ max_quantity: "100000" })],
    kill_switch: { state: "off", since: null, by: "", reason: "", left: [], ...over },
    losses: [],
    uses: [],
    ...rest,
  };
}

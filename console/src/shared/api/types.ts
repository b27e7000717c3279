/** The service's own names for its shapes; `schema.d.ts` is generated from its OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type AccountView = Schemas["AccountView"];
export type ConnectionHealth = Schemas["ConnectionHealth"];
export type ConnectionStatus = Schemas["ConnectionStatus"];
export type ConnectionTestResult = Schemas["ConnectionTestResult"];
export type ContractView = Schemas["ContractView"];
export type GatewaySession = Schemas["GatewaySession"];
export type GatewayView = Schemas["GatewayView"];
export type OrderCreate = Schemas["OrderCreate"];
export type OrderTypesView = Schemas["OrderTypesView"];
export type OrderView = Schemas["OrderView"];
export type DailyPnlView = Schemas["DailyPnlView"];
export type ExecutionView = Schemas["ExecutionView"];
export type PnlCourse = Schemas["PnlCourse"];
export type LimitView = Schemas["LimitView"];
export type Pacing = Schemas["Pacing"];
export type PositionView = Schemas["PositionView"];
export type Problem = Schemas["Problem"];
export type DailyLoss = Schemas["DailyLossView"];
export type RiskLimits = Schemas["RiskLimitsView"];
export type RiskLimitsBody = Schemas["RiskLimitsBody"];
export type RiskUse = Schemas["RiskUseView"];
export type RiskView = Schemas["RiskView"];
export type ProfileSettings = Schemas["ProfileSettings"];
export type ProfileView = Schemas["ProfileView"];
export type SessionView = Schemas["SessionView"];
export type SettingsView = Schemas["SettingsView"];

export type MarketDataMessage = Schemas["MarketDataMessage"];
export type SubscribedMessage = Schemas["SubscribedMessage"];
export type GapMessage = Schemas["GapMessage"];
export type NoticeMessage = Schemas["NoticeMessage"];
export type ErrorMessage = Schemas["ErrorMessage"];
export type MarketDataServerMessage = Schemas["MarketDataServerMessage"];
export type OrdersServerMessage = Schemas["OrdersServerMessage"];
export type AlertRaised = Schemas["AlertRaised"];
export type ConnectionServerMessage = Schemas["ConnectionServerMessage"];
export type PortfolioServerMessage = Schemas["PortfolioServerMessage"];
export type RiskServerMessage = Schemas["RiskServerMessage"];

export type OrderState = OrderView["state"];
export type OrderType = OrderView["order_type"];
export type SessionState = ConnectionStatus["state"];
export type Side = OrderView["side"];
export type TimeInForce = OrderView["time_in_force"];

"""The TWS socket protocol as a sans-IO codec, both roles, at every negotiated version from 151 to 178.

`Connection` is the whole of it for most: bytes in, messages out, and back. `codec_for(version)` is the codec alone,
for tools that have payloads already. Messages are frozen dataclasses in IB's own concepts; requests are named after
IB's calls (`ReqMktData`, `PlaceOrder`), answers after IB's answers (`TickPrice`, `OpenOrder`).
"""

from __future__ import annotations

# Several names to a line: one to a line is five hundred lines that nobody reads.
# fmt: off
# isort: off
from ironbridge.wire.values import Flag, Money, Real, Role, TagValue, UNSET, Unset, Whole, given
from ironbridge.wire.text import TextCodec, UnknownMessage
from ironbridge.wire.registry import MAX_VERSION, MIN_VERSION, MessageCodec, codec_for
from ironbridge.wire.framing import FrameReader, frame, join_fields, split_fields
from ironbridge.wire.handshake import Hello, ServerVersion, State
from ironbridge.wire.connection import Broken, Connection, Ended, Event, Refused, Undecodable
from ironbridge.wire.contract import ComboLeg, Contract, DeltaNeutralContract
from ironbridge.wire.conditions import (
    Condition, ExecutionCondition, MarginCondition, PercentChangeCondition, PriceCondition, TimeCondition,
    VolumeCondition,
)
from ironbridge.wire.order import Order, OrderState, SoftDollarTier
from ironbridge.wire.session import (
    CurrentTime, DisplayGroupList, DisplayGroupUpdated, ErrorMessage, ManagedAccounts, NextValidId,
    QueryDisplayGroups, ReqCurrentTime, ReqIds, ReqManagedAccts, ReqUserInfo, SetServerLogLevel, StartApi,
    SubscribeToGroupEvents, UnsubscribeFromGroupEvents, UpdateDisplayGroup, UserInfo,
    VerifyAndAuthCompleted, VerifyAndAuthMessage, VerifyAndAuthMessageApi, VerifyAndAuthRequest,
    VerifyCompleted, VerifyMessage, VerifyMessageApi, VerifyRequest,
)
from ironbridge.wire.contracts import (
    BondContractData, BondDetails, ContractData, ContractDataEnd, ContractDetails, DeltaNeutralValidation,
    MarketRule, PriceIncrement, ReqContractDetails, ReqMarketRule, ReqMatchingSymbols, ReqSecDefOptParams,
    SecDefOptParams, SecDefOptParamsEnd, SymbolSample, SymbolSamples,
)
from ironbridge.wire.market import (
    CancelMktData, MarketDataType, ReqMarketDataType, ReqMktData, RerouteMktData, RerouteMktDepth,
    TickEfp, TickGeneric, TickOptionComputation, TickPrice, TickReqParams, TickSize, TickSnapshotEnd,
    TickString,
)
from ironbridge.wire.ticks import (
    BidAsk, CancelTickByTickData, HistoricalTick, HistoricalTickBidAsk, HistoricalTickLast,
    HistoricalTicks, HistoricalTicksBidAsk, HistoricalTicksLast, MidPoint, ReqHistoricalTicks,
    ReqTickByTickData, TickByTick, Trade,
)
from ironbridge.wire.depth import (
    CancelMktDepth, DepthExchange, MarketDepth, MarketDepthL2, MktDepthExchanges, ReqMktDepth,
    ReqMktDepthExchanges, ReqSmartComponents, SmartComponent, SmartComponents,
)
from ironbridge.wire.history import (
    CancelHeadTimestamp, CancelHistogramData, CancelHistoricalData, CancelRealTimeBars, HeadTimestamp,
    HistogramData, HistogramEntry, HistoricalBar, HistoricalData, HistoricalDataUpdate,
    HistoricalSchedule, HistoricalSession, RealTimeBar, ReqHeadTimestamp, ReqHistogramData,
    ReqHistoricalData, ReqRealTimeBars,
)
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.open_order import CompletedOrder, OpenOrder
from ironbridge.wire.orders import (
    CancelOrder, CommissionReport, CompletedOrdersEnd, ExecDetails, ExecDetailsEnd, Execution,
    ExerciseOptions, OpenOrderEnd, OrderBound, OrderStatus, ReqAllOpenOrders, ReqAutoOpenOrders,
    ReqCompletedOrders, ReqExecutions, ReqGlobalCancel, ReqOpenOrders, ReqSoftDollarTiers,
    SoftDollarTiers,
)
from ironbridge.wire.account import (
    AccountDownloadEnd, AccountSummary, AccountSummaryEnd, AccountUpdateMulti, AccountUpdateMultiEnd,
    AccountUpdateTime, AccountValue, CancelAccountSummary, CancelAccountUpdatesMulti, CancelPnl,
    CancelPnlSingle, CancelPositions, CancelPositionsMulti, FamilyCode, FamilyCodes, Pnl, PnlSingle,
    PortfolioValue, Position, PositionEnd, PositionMulti, PositionMultiEnd, ReceiveFa, ReplaceFa,
    ReplaceFaEnd, ReqAccountSummary, ReqAccountUpdates, ReqAccountUpdatesMulti, ReqFamilyCodes, ReqPnl,
    ReqPnlSingle, ReqPositions, ReqPositionsMulti, RequestFa,
)
from ironbridge.wire.news import (
    CancelNewsBulletins, HistoricalNews, HistoricalNewsEnd, NewsArticle, NewsBulletin, NewsProvider,
    NewsProviders, ReqHistoricalNews, ReqNewsArticle, ReqNewsBulletins, ReqNewsProviders, TickNews,
)
from ironbridge.wire.scanner import (
    CancelScannerSubscription, ReqScannerParameters, ReqScannerSubscription, ScannerData,
    ScannerParameters, ScannerRow, ScannerSubscription,
)
from ironbridge.wire.analysis import (
    CalculateImpliedVolatility, CalculateOptionPrice, CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice, CancelFundamentalData, CancelWshEventData, CancelWshMetaData,
    FundamentalData, ReqFundamentalData, ReqWshEventData, ReqWshMetaData, WshEventData, WshMetaData,
)

__all__ = [  # noqa: RUF022  sorted by letters alone
    "AccountDownloadEnd", "AccountSummary", "AccountSummaryEnd", "AccountUpdateMulti",
    "AccountUpdateMultiEnd", "AccountUpdateTime", "AccountValue", "BidAsk", "BondContractData",
    "BondDetails", "Broken", "CalculateImpliedVolatility", "CalculateOptionPrice", "CancelAccountSummary",
    "CancelAccountUpdatesMulti", "CancelCalculateImpliedVolatility", "CancelCalculateOptionPrice",
    "CancelFundamentalData", "CancelHeadTimestamp", "CancelHistogramData", "CancelHistoricalData",
    "CancelMktData", "CancelMktDepth", "CancelNewsBulletins", "CancelOrder", "CancelPnl",
    "CancelPnlSingle", "CancelPositions", "CancelPositionsMulti", "CancelRealTimeBars",
    "CancelScannerSubscription", "CancelTickByTickData", "CancelWshEventData", "CancelWshMetaData",
    "ComboLeg", "CommissionReport", "CompletedOrder", "CompletedOrdersEnd", "Condition", "Connection",
    "Contract", "ContractData", "ContractDataEnd", "ContractDetails", "CurrentTime",
    "DeltaNeutralContract", "DeltaNeutralValidation", "DepthExchange", "DisplayGroupList",
    "DisplayGroupUpdated", "Ended", "ErrorMessage", "Event", "ExecDetails", "ExecDetailsEnd", "Execution",
    "ExecutionCondition", "ExerciseOptions", "FamilyCode", "FamilyCodes", "Flag", "FrameReader",
    "FundamentalData", "HeadTimestamp", "Hello", "HistogramData", "HistogramEntry", "HistoricalBar",
    "HistoricalData", "HistoricalDataUpdate", "HistoricalNews", "HistoricalNewsEnd", "HistoricalSchedule",
    "HistoricalSession", "HistoricalTick", "HistoricalTickBidAsk", "HistoricalTickLast",
    "HistoricalTicks", "HistoricalTicksBidAsk", "HistoricalTicksLast", "MAX_VERSION", "MIN_VERSION",
    "ManagedAccounts", "MarginCondition", "MarketDataType", "MarketDepth", "MarketDepthL2", "MarketRule",
    "MessageCodec", "MidPoint", "MktDepthExchanges", "Money", "NewsArticle", "NewsBulletin",
    "NewsProvider", "NewsProviders", "NextValidId", "OpenOrder", "OpenOrderEnd", "Order", "OrderBound",
    "OrderState", "OrderStatus", "PercentChangeCondition", "PlaceOrder", "Pnl", "PnlSingle",
    "PortfolioValue", "Position", "PositionEnd", "PositionMulti", "PositionMultiEnd", "PriceCondition",
    "PriceIncrement", "QueryDisplayGroups", "Real", "RealTimeBar", "ReceiveFa", "Refused", "ReplaceFa",
    "ReplaceFaEnd", "ReqAccountSummary", "ReqAccountUpdates", "ReqAccountUpdatesMulti",
    "ReqAllOpenOrders", "ReqAutoOpenOrders", "ReqCompletedOrders", "ReqContractDetails", "ReqCurrentTime",
    "ReqExecutions", "ReqFamilyCodes", "ReqFundamentalData", "ReqGlobalCancel", "ReqHeadTimestamp",
    "ReqHistogramData", "ReqHistoricalData", "ReqHistoricalNews", "ReqHistoricalTicks", "ReqIds",
    "ReqManagedAccts", "ReqMarketDataType", "ReqMarketRule", "ReqMatchingSymbols", "ReqMktData",
    "ReqMktDepth", "ReqMktDepthExchanges", "ReqNewsArticle", "ReqNewsBulletins", "ReqNewsProviders",
    "ReqOpenOrders", "ReqPnl", "ReqPnlSingle", "ReqPositions", "ReqPositionsMulti", "ReqRealTimeBars",
    "ReqScannerParameters", "ReqScannerSubscription", "ReqSecDefOptParams", "ReqSmartComponents",
    "ReqSoftDollarTiers", "ReqTickByTickData", "ReqUserInfo", "ReqWshEventData", "ReqWshMetaData",
    "RequestFa", "RerouteMktData", "RerouteMktDepth", "Role", "ScannerData", "ScannerParameters",
    "ScannerRow", "ScannerSubscription", "SecDefOptParams", "SecDefOptParamsEnd", "ServerVersion",
    "SetServerLogLevel", "SmartComponent", "SmartComponents", "SoftDollarTier", "SoftDollarTiers",
    "StartApi", "State", "SubscribeToGroupEvents", "SymbolSample", "SymbolSamples", "TagValue",
    "TextCodec", "TickByTick", "TickEfp", "TickGeneric", "TickNews", "TickOptionComputation", "TickPrice",
    "TickReqParams", "TickSize", "TickSnapshotEnd", "TickString", "TimeCondition", "Trade", "UNSET",
    "Undecodable", "UnknownMessage", "Unset", "UnsubscribeFromGroupEvents", "UpdateDisplayGroup",
    "UserInfo", "VerifyAndAuthCompleted", "VerifyAndAuthMessage", "VerifyAndAuthMessageApi",
    "VerifyAndAuthRequest", "VerifyCompleted", "VerifyMessage", "VerifyMessageApi", "VerifyRequest",
    "VolumeCondition", "Whole", "WshEventData", "WshMetaData", "codec_for", "frame", "given",
    "join_fields", "split_fields",
]
# isort: on
# fmt: on

"""The words that all clients share: IB's names for callbacks and what each argument is, contracts, and orders.

The official clients and ib_async name the arguments of a callback differently, but agree on their order. An object of
the client's own classes is a dictionary whose "$" names the class; see `drivers.lines`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CALLBACKS = {
    name: tuple(arguments.split())
    for name, arguments in {
        "accountDownloadEnd": "account",
        "accountSummary": "number account tag value currency",
        "accountSummaryEnd": "number",
        "accountUpdateMulti": "number account model key value currency",
        "accountUpdateMultiEnd": "number",
        "bondContractDetails": "number details",
        "commissionReport": "report",
        "completedOrder": "contract order state",
        "completedOrdersEnd": "",
        "connectAck": "",
        "connected": "version",
        "connectionClosed": "",
        "contractDetails": "number details",
        "contractDetailsEnd": "number",
        "currentTime": "time",
        "displayGroupList": "number groups",
        "displayGroupUpdated": "number contract",
        "error": "number code text advanced",
        "execDetails": "number contract execution",
        "execDetailsEnd": "number",
        "familyCodes": "codes",
        "fundamentalData": "number data",
        "headTimestamp": "number time",
        "histogramData": "number items",
        "historicalData": "number bar",
        "historicalDataEnd": "number start end",
        "historicalDataUpdate": "number bar",
        "historicalNews": "number time provider article headline",
        "historicalNewsEnd": "number more",
        "historicalSchedule": "number start end zone sessions",
        "historicalTicks": "number ticks done",
        "historicalTicksBidAsk": "number ticks done",
        "historicalTicksLast": "number ticks done",
        "managedAccounts": "accounts",
        "marketDataType": "number kind",
        "marketRule": "rule increments",
        "mktDepthExchanges": "exchanges",
        "newsArticle": "number kind text",
        "newsProviders": "providers",
        "nextValidId": "number",
        "notConnected": "reason",
        "notSent": "reason",
        "openOrder": "number contract order state",
        "openOrderEnd": "",
        "orderBound": "perm_id client number",
        "orderStatus": "number status filled remaining average perm_id parent last client why_held cap",
        "pnl": "number daily unrealized realized",
        "pnlSingle": "number position daily unrealized realized value",
        "position": "account contract position average",
        "positionEnd": "",
        "positionMulti": "number account model contract position average",
        "positionMultiEnd": "number",
        "realtimeBar": "number time open high low close volume average count",
        "receiveFA": "kind xml",
        "replaceFAEnd": "number text",
        "scannerData": "number rank details distance benchmark projection legs",
        "scannerDataEnd": "number",
        "scannerParameters": "xml",
        "securityDefinitionOptionParameter": "number exchange under trading_class multiplier expirations strikes",
        "securityDefinitionOptionParameterEnd": "number",
        "smartComponents": "number components",
        "softDollarTiers": "number tiers",
        "symbolSamples": "number samples",
        "tickByTickAllLast": "number kind time price size attributes exchange conditions",
        "tickByTickBidAsk": "number time bid ask bid_size ask_size attributes",
        "tickByTickMidPoint": "number time middle",
        "tickGeneric": "number kind value",
        "tickNews": "number time provider article headline extra",
        "tickOptionComputation": "number kind attribute volatility delta price dividend gamma vega theta under",
        "tickPrice": "number kind price attributes",
        "tickReqParams": "number min_tick exchange permissions",
        "tickSize": "number kind size",
        "tickSnapshotEnd": "number",
        "tickString": "number kind value",
        "updateAccountTime": "time",
        "updateAccountValue": "key value currency account",
        "updateMktDepth": "number row operation side price size",
        "updateMktDepthL2": "number row maker operation side price size smart",
        "updateNewsBulletin": "number kind text exchange",
        "updatePortfolio": "contract position price value average unrealized realized account",
        "userInfo": "number branding",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Said:
    """One callback: its name, and its arguments by their names in `CALLBACKS`."""

    name: str
    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"{self.name} says {', '.join(self.values)}; not {name}") from None

    def has(self, wanted: dict[str, Any]) -> bool:
        return all(self.values[name] == value for name, value in wanted.items())


def said(name: str, args: list[Any]) -> Said:
    # A callback that is in no table fails the test that provoked it.
    names = CALLBACKS[name]
    return Said(name, dict(zip(names, [*args, *[None] * len(names)], strict=False)))


# ------------------------------------------------------------------------------------------ contracts


def contract(kind: str, symbol: str, exchange: str = "SMART", currency: str = "USD", **more: Any) -> dict[str, Any]:
    return {"$": "Contract", "secType": kind, "symbol": symbol, "exchange": exchange, "currency": currency, **more}


def stock(symbol: str, **more: Any) -> dict[str, Any]:
    return contract("STK", symbol, **more)


def numbered(con_id: int, exchange: str = "SMART") -> dict[str, Any]:
    return {"$": "Contract", "conId": con_id, "exchange": exchange}


AAPL_ID = 265598
AAPL = stock("AAPL", conId=AAPL_ID)
EURUSD = contract("CASH", "EUR", "IDEALPRO")
SPX = contract("IND", "SPX", "CBOE")


def call_near(price: Any) -> dict[str, Any]:
    """The call on AAPL of June 2026 whose strike is nearest to this price, on a grid of ten."""
    strike = round(float(price) / 10) * 10.0
    return contract("OPT", "AAPL", lastTradeDateOrContractMonth="20260618", strike=strike, right="C", multiplier="100")


# ------------------------------------------------------------------------------------------ orders


def order(action: str, quantity: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"$": "Order", "action": action, "totalQuantity": quantity, "orderType": kind, **more}


def market(action: str, quantity: float, **more: Any) -> dict[str, Any]:
    return order(action, quantity, "MKT", **more)


def limit(action: str, quantity: float, price: float, **more: Any) -> dict[str, Any]:
    return order(action, quantity, "LMT", lmtPrice=price, **more)


def stop(action: str, quantity: float, price: float, **more: Any) -> dict[str, Any]:
    return order(action, quantity, "STP", auxPrice=price, **more)

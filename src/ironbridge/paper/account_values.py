"""An account's statement: the keys that a gateway sends, in its alphabetical order, with their values.

The set of keys is that of a recorded gateway (one securities segment, `-S`). Amounts in the base currency carry it as
their currency; what IB gives by currency comes once for BASE and once for each currency that the account holds.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from ironbridge.exchange.accounts import AccountView

ZERO = Decimal(0)
CENT = Decimal("0.01")


class Value(NamedTuple):
    key: str
    value: str
    currency: str


SUMMARY_TAGS = frozenset(
    {
        "AccountType", "NetLiquidation", "TotalCashValue", "SettledCash", "AccruedCash", "BuyingPower",
        "EquityWithLoanValue", "PreviousDayEquityWithLoanValue", "GrossPositionValue", "RegTEquity", "RegTMargin",
        "SMA", "InitMarginReq", "MaintMarginReq", "AvailableFunds", "ExcessLiquidity", "Cushion", "FullInitMarginReq",
        "FullMaintMarginReq", "FullAvailableFunds", "FullExcessLiquidity", "LookAheadNextChange",
        "LookAheadInitMarginReq", "LookAheadMaintMarginReq", "LookAheadAvailableFunds", "LookAheadExcessLiquidity",
        "HighestSeverity", "DayTradesRemaining", "DayTradesRemainingT+1", "DayTradesRemainingT+2",
        "DayTradesRemainingT+3", "DayTradesRemainingT+4", "Leverage",
    }
)  # fmt: skip
"""The tags that a summary may name, besides $LEDGER."""

_SEGMENTED = (
    ("AvailableFunds", "available_funds"), ("EquityWithLoanValue", "equity_with_loan"),
    ("ExcessLiquidity", "excess_liquidity"), ("FullAvailableFunds", "available_funds"),
    ("FullExcessLiquidity", "excess_liquidity"), ("FullInitMarginReq", "initial_margin"),
    ("FullMaintMarginReq", "maintenance_margin"), ("InitMarginReq", "initial_margin"),
    ("LookAheadAvailableFunds", "available_funds"), ("LookAheadExcessLiquidity", "excess_liquidity"),
    ("LookAheadInitMarginReq", "initial_margin"), ("LookAheadMaintMarginReq", "maintenance_margin"),
    ("MaintMarginReq", "maintenance_margin"), ("NetLiquidation", "net_liquidation"), ("TotalCashValue", "total_cash"),
    ("PreviousDayEquityWithLoanValue", ""), ("GrossPositionValue", "gross_position_value"),
    ("RegTEquity", "equity_with_loan"), ("RegTMargin", "initial_margin"), ("SMA", "equity_with_loan"),
)  # fmt: skip
"""Amounts that come once in all and once for the securities segment."""

_NOTHING = (
    "AccruedDividend", "AccruedDividend-S", "AccruedCash-S", "Billable", "Billable-S", "Guarantee", "Guarantee-S",
    "IndianStockHaircut", "IndianStockHaircut-S", "NetLiquidationUncertainty", "PASharesValue", "PASharesValue-S",
    "PhysicalCertificateValue", "PhysicalCertificateValue-S", "PostExpirationExcess", "PostExpirationExcess-S",
    "PostExpirationMargin", "PostExpirationMargin-S", "TotalDebitCardPendingCharges", "TotalDebitCardPendingCharges-S",
)  # fmt: skip

_LEDGER_NOTHING = (
    "AccruedCash", "CorporateBondValue", "FundValue", "FutureOptionValue", "FxCashBalance", "IssuerOptionValue",
    "MoneyMarketFundValue", "MutualFundValue", "NetDividend", "TBillValue", "TBondValue", "WarrantValue",
)  # fmt: skip


def account_values(view: AccountView) -> list[Value]:
    """The whole statement."""
    base = view.currency
    found = [
        Value("AccountCode", view.name, ""),
        Value("AccountReady", "true", ""),
        Value("AccountType", "INDIVIDUAL", ""),
        Value("BuyingPower", money(view.buying_power), base),
        Value("ColumnPrio-S", "1", ""),
        Value("Cushion", cushion(view), ""),
        Value("DayTradesRemaining", "-1", ""),
        *(Value(f"DayTradesRemainingT+{day}", "-1", "") for day in range(1, 5)),
        Value("HighestSeverity", "0", ""),
        Value("Leverage", leverage(view), ""),
        Value("Leverage-S", leverage(view), ""),
        Value("LookAheadNextChange", "0", ""),
        Value("NLVAndMarginInReview", "false", ""),
        Value("SegmentTitle-S", "US Securities", ""),
        Value("SettledCash", money(view.total_cash), base),
        Value("TradingType-S", "STKNOPT", ""),
        Value("WhatIfPMEnabled", "true", ""),
        *(Value(key, "0.00", base) for key in _NOTHING),
    ]
    for key, name in _SEGMENTED:
        amount = money(getattr(view, name) if name else view.equity_with_loan - view.daily_pnl)
        found += (Value(key, amount, base), Value(f"{key}-S", amount, base))
    found += ledger(view)
    return sorted(found)


def ledger(view: AccountView, name: str = "") -> list[Value]:
    """What is given by currency, BASE included; `name` stands where the account's would (for "All")."""
    found = _ledger_lines(view, name, "BASE", view.total_cash, Decimal(1))
    rates = dict(view.rates)
    cash = dict(view.cash)
    for currency in sorted({view.currency, *cash}):
        found += _ledger_lines(view, name, currency, cash.get(currency, ZERO), rates.get(currency, Decimal(1)))
    return found


def _ledger_lines(view: AccountView, name: str, currency: str, cash: Decimal, rate: Decimal) -> list[Value]:
    # Positions are valued in the base currency alone; a foreign line shows that currency's cash.
    whole = currency in {"BASE", view.currency}

    def amount(value: Decimal) -> str:
        return money(value if whole else ZERO)

    abroad = sum((held * dict(view.rates).get(c, ZERO) for c, held in view.cash if c != view.currency), ZERO)
    net = {"BASE": view.net_liquidation, view.currency: view.net_liquidation - abroad}.get(currency, cash)
    values = [
        ("AccountOrGroup", name or view.name),
        ("CashBalance", money(cash)),
        ("Currency", currency),
        ("ExchangeRate", f"{rate:.2f}" if rate == 1 else f"{rate:.7f}"),
        ("FuturesPNL", amount(view.futures_pnl)),
        ("NetLiquidationByCurrency", money(net)),
        ("OptionMarketValue", amount(view.option_value)),
        ("RealCurrency", currency),
        ("RealizedPnL", amount(view.realized_pnl)),
        ("StockMarketValue", amount(view.stock_value)),
        ("TotalCashBalance", money(cash)),
        ("UnrealizedPnL", amount(view.unrealized_pnl)),
        *((key, "0.00") for key in _LEDGER_NOTHING),
    ]
    return [Value(key, value, currency) for key, value in values]


def money(amount: Decimal) -> str:
    return format(amount.quantize(CENT, rounding=ROUND_HALF_EVEN), "f")


def cushion(view: AccountView) -> str:
    """Excess liquidity as a part of net liquidation, as IB writes it: "1", "0.98"."""
    if view.net_liquidation <= 0:
        return "0"
    return format(min(Decimal(1), view.excess_liquidity / view.net_liquidation), ".6g")


def leverage(view: AccountView) -> str:
    if view.net_liquidation <= 0:
        return "0.00"
    return money(view.gross_position_value / view.net_liquidation)

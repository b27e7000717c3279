"""Requests about contracts: details, option chains, symbol search, market rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import plain
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import LONG_BYTES, WAIT, Session
from ironbridge.paper.translate import Refusal, contract_of, not_found
from ironbridge.wire.contract import Contract
from ironbridge.wire.contracts import (
    ContractData,
    ContractDataEnd,
    ContractDetails,
    MarketRule,
    PriceIncrement,
    ReqContractDetails,
    ReqMarketRule,
    ReqMatchingSymbols,
    ReqSecDefOptParams,
    SecDefOptParams,
    SecDefOptParamsEnd,
    SymbolSample,
    SymbolSamples,
)
from ironbridge.wire.values import UNSET

AT_ONCE = 100
"""Contract details that are answered at once; a future's months, a day's strikes near the money."""
_DONE = object()
SAMPLES = 16
"""The most that a real gateway answers to a symbol search."""

_ZONES = {
    "America/New_York": "US/Eastern",
    "America/Chicago": "US/Central",
}
"""IB's names of the zones that its US answers carry."""


_AGG_GROUPS = {Kind.STOCK: 1, Kind.OPTION: 2, Kind.FOREX: 4}
"""IB's grouping for smart-routed data, by kind as recorded; unset for the others."""


class ContractDesk:
    """The contract desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._rules: dict[int, MarketRule] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqContractDetails: self.details,
            ReqSecDefOptParams: self.option_parameters,
            ReqMatchingSymbols: self.matching,
            ReqMarketRule: self.rule,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """Listings do not change with what happens."""

    def step(self, now: datetime) -> None:
        """Nor with time: the venue's own day decides which exist."""

    def left(self, session: Session) -> None:
        """Nothing is kept for a session."""

    def details(self, session: Session, message: ReqContractDetails) -> None:
        job = self._answer(session, message)
        for _ in range(AT_ONCE):
            if next(job, _DONE) is _DONE:
                return
        # An option chain: tens of thousands of answers, between which others are served.
        self._floor.begin(session, message.req_id, job)

    def _answer(self, session: Session, message: ReqContractDetails) -> Iterator[object]:
        # One answer for each listing; IB sends no End after "none" [recorded].
        exchange = message.contract.exchange.upper()
        for listing in self._listings.each(message.contract):
            self._remember(listing)
            shown = exchange if exchange in listing.valid_exchanges else ""
            contract = described(listing, exchange=shown)
            session.send(ContractData(message.req_id, contract, self._describe(listing)))
            yield None
            while session.unread > LONG_BYTES:
                yield WAIT
        session.send(ContractDataEnd(message.req_id))

    def _describe(self, listing: Listing) -> ContractDetails:
        venue = self._floor.venue
        return ContractDetails(
            market_name=listing.market_name,
            min_tick=listing.min_tick,
            order_types=",".join(listing.order_types),
            valid_exchanges=",".join(listing.valid_exchanges),
            price_magnifier=listing.price_magnifier,
            under_con_id=listing.under_con_id,
            long_name=listing.long_name,
            contract_month=listing.contract_month,
            industry=listing.industry,
            category=listing.category,
            subcategory=listing.subcategory,
            time_zone_id=_ZONES.get(listing.time_zone, listing.time_zone),
            trading_hours=venue.trading_hours(listing),
            liquid_hours=venue.liquid_hours(listing),
            ev_multiplier=0,
            agg_group=_AGG_GROUPS.get(listing.kind, UNSET),
            under_symbol=listing.under_symbol,
            under_sec_type=listing.under_kind.value if listing.under_kind is not None else "",
            # One rule for each valid exchange, as IB lists them.
            market_rule_ids=",".join([str(listing.rule.number)] * len(listing.valid_exchanges)),
            real_expiration_date=listing.expiry_text,
            stock_type=listing.stock_type,
            min_size=listing.min_size,
            size_increment=listing.size_increment,
            suggested_size_increment=suggested_size(listing),
        )

    def _remember(self, listing: Listing) -> None:
        rule = listing.rule
        self._rules[rule.number] = MarketRule(
            rule.number, tuple(PriceIncrement(each.low_edge, each.increment) for each in rule.increments)
        )

    def rule(self, session: Session, message: ReqMarketRule) -> None:
        rule = self._rules.get(message.market_rule_id)
        if rule is None:
            raise Refusal(
                10199, f"Market rule id {message.market_rule_id} is not known; ask for contract details first."
            )
        session.send(rule)

    def option_parameters(self, session: Session, message: ReqSecDefOptParams) -> None:
        found = self._floor.venue.option_parameters(message.underlying_con_id)
        underlying = self._floor.venue.listing(message.underlying_con_id)
        if underlying is None or underlying.symbol != message.underlying_symbol.upper():
            raise not_found()
        for each in found:
            if message.fut_fop_exchange and each.exchange != message.fut_fop_exchange.upper():
                continue
            session.send(
                SecDefOptParams(
                    message.req_id,
                    each.exchange,
                    each.under_con_id,
                    each.trading_class,
                    plain(each.multiplier),
                    each.expirations,
                    each.strikes,
                )
            )
        session.send(SecDefOptParamsEnd(message.req_id))

    def matching(self, session: Session, message: ReqMatchingSymbols) -> None:
        samples = tuple(
            SymbolSample(
                match.listing.con_id,
                match.listing.symbol,
                match.listing.kind.value,
                match.listing.primary_exchange,
                match.listing.currency,
                tuple(kind.value for kind in match.derivative_kinds),
                match.listing.long_name,
            )
            for match in self._floor.venue.search(message.pattern)[:SAMPLES]
        )
        session.send(SymbolSamples(message.req_id, samples))


def described(listing: Listing, *, exchange: str) -> Contract:
    """A listing as contract details name it: a future with the time of its last trade and no primary exchange."""
    contract = contract_of(listing, exchange=exchange)
    if listing.kind is not Kind.FUTURE:
        return contract
    zone = _ZONES.get(listing.time_zone, listing.time_zone)
    last = f"{listing.expiry_text} {listing.last_trade_time}:00 {zone}"
    return replace(contract, primary_exchange="", last_trade_date_or_contract_month=last)


def suggested_size(listing: Listing) -> Decimal:
    """What TWS proposes: round lots for stocks, else one step."""
    return Decimal(100) if listing.kind is Kind.STOCK else listing.size_increment

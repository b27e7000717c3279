"""Market scanners over the venue's stocks: what can be scanned, and the ranked answer, said again every half minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ironbridge.domain.instrument import Kind
from ironbridge.exchange import catalog
from ironbridge.exchange.events import Event, Quote
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.smile import smile_of
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, contract_of
from ironbridge.wire.scanner import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
    ScannerData,
    ScannerParameters,
    ScannerRow,
)
from ironbridge.wire.values import given

AGAIN = timedelta(seconds=30)
MOST_ROWS = 50
MOST_SCANNERS = 10
"""IB's own limit of scanner subscriptions."""

Rank = Callable[[Listing, Quote], float]


def _change(quote: Quote) -> float:
    last = quote.last or quote.mid
    return 0.0 if last is None or not quote.close else float(last / quote.close - 1)


SCANS: dict[str, tuple[str, Rank]] = {
    "TOP_PERC_GAIN": ("Top % Gainers", lambda _, quote: _change(quote)),
    "TOP_PERC_LOSE": ("Top % Losers", lambda _, quote: -_change(quote)),
    "MOST_ACTIVE": ("Most Active", lambda _, quote: float(quote.volume)),
    "HOT_BY_VOLUME": ("Hot by Volume", lambda _, quote: float(quote.volume)),
    "MOST_ACTIVE_USD": ("Most Active ($)", lambda _, quote: float(quote.volume * (quote.last or 0))),
    "HOT_BY_PRICE": ("Hot by Price", lambda _, quote: abs(_change(quote))),
    "HIGH_OPT_IMP_VOLAT": ("Highest Option Imp Vol", lambda listing, _: smile_of(listing.symbol).level),
}
LOCATIONS = frozenset({"STK.US", "STK.US.MAJOR", "STK.NASDAQ", "STK.NYSE", "STK.ARCA", "STK.AMEX"})


class ScannerDesk:
    """The scanners' desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._running: dict[tuple[Session, int], tuple[ReqScannerSubscription, datetime]] = {}
        self._stocks: tuple[Listing, ...] = ()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqScannerParameters: self.parameters,
            ReqScannerSubscription: self.subscribe,
            CancelScannerSubscription: self.cancel,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """A scan looks at quotes when it is due."""

    def step(self, now: datetime) -> None:
        for key, (message, due) in list(self._running.items()):
            if now >= due:
                self._running[key] = (message, now + AGAIN)
                self._floor.begin(key[0], key[1], self._scan(key, message))

    def left(self, session: Session) -> None:
        for key in [key for key in self._running if key[0] is session]:
            del self._running[key]

    def parameters(self, session: Session, _message: ReqScannerParameters) -> None:
        session.send(ScannerParameters(parameters_xml()))

    def subscribe(self, session: Session, message: ReqScannerSubscription) -> None:
        wanted = message.subscription
        if wanted.scan_code not in SCANS or wanted.location_code not in LOCATIONS:
            raise Refusal(
                162,
                "Historical Market Data Service error message:API scanner: "
                f"{wanted.scan_code} at {wanted.location_code} is not available",
            )
        if sum(1 for key in self._running if key[0] is session) >= MOST_SCANNERS:
            raise Refusal(
                322, f"Error processing request.-'bS' : cause - Only {MOST_SCANNERS} scanner subscriptions allowed"
            )
        key = (session, message.req_id)
        if key in self._running:
            raise Refusal(322, "Error processing request.-'bS' : cause - Duplicate ticker id")
        self._running[key] = (message, self._floor.now() + AGAIN)
        self._floor.begin(key[0], key[1], self._scan(key, message))

    def cancel(self, session: Session, message: CancelScannerSubscription) -> None:
        if self._running.pop((session, message.req_id), None) is None:
            raise Refusal(
                162,
                f"Historical Market Data Service error message:API scanner subscription cancelled: {message.req_id}",
            )

    def _scan(self, key: tuple[Session, int], message: ReqScannerSubscription) -> Iterator[None]:
        wanted = message.subscription
        rank = SCANS[wanted.scan_code][1]
        above, below, volume = given(wanted.above_price), given(wanted.below_price), given(wanted.above_volume)
        found: list[tuple[float, Listing]] = []
        for listing in self._listed(wanted.location_code):
            quote = self._floor.venue.quote(listing.con_id)
            yield
            price = float(quote.last or 0)
            within = (above is None or price >= above) and (below is None or price <= below)
            if within and (volume is None or quote.volume >= volume):
                found.append((rank(listing, quote), listing))
        if key not in self._running:
            return
        found.sort(key=lambda each: (-each[0], each[1].symbol))
        count = given(wanted.number_of_rows) or -1
        rows = found[: MOST_ROWS if count < 1 else min(count, MOST_ROWS)]
        key[0].send(
            ScannerData(
                key[1],
                tuple(
                    ScannerRow(number, contract_of(listing), listing.market_name)
                    for number, (_, listing) in enumerate(rows)
                ),
            )
        )

    def _listed(self, location: str) -> tuple[Listing, ...]:
        if not self._stocks:
            venue = self._floor.venue
            own = (listing for listing in venue.options.listings if listing.kind is Kind.STOCK)
            built_in = (venue.listing(row.con_id) for row in catalog.STOCKS)
            self._stocks = (*(listing for listing in built_in if listing is not None), *own)
        exchange = location.rpartition(".")[2]
        if exchange in {"US", "MAJOR"}:
            return self._stocks
        return tuple(listing for listing in self._stocks if listing.primary_exchange == exchange)


def parameters_xml() -> str:
    """What can be scanned, in IB's form as far as it is served."""
    scans = "".join(
        f"<ScanType><displayName>{name}</displayName><scanCode>{code}</scanCode><instruments>STK</instruments></ScanType>"
        for code, (name, _) in SCANS.items()
    )
    places = "".join(
        f"<Location><displayName>{code}</displayName><locationCode>{code}</locationCode></Location>"
        for code in sorted(LOCATIONS)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse>'
        "<InstrumentList><Instrument><name>US Stocks</name><type>STK</type></Instrument></InstrumentList>"
        f"<LocationTree>{places}</LocationTree><ScanTypeList>{scans}</ScanTypeList></ScanParameterResponse>"
    )

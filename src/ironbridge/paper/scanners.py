"""Market scanners: the ranked listings that a client asks for, said again every half minute.

Owns the subscriptions of all sessions. A scan looks at every listing in slices between which others are served, so
the first answer comes a moment after the request. What is offered stands in `scan_guide`.

Refuses with 162, in the manner of the historical data service that runs the scanners at IB: a ranking, instrument,
place or filter that is not offered, and more than ten subscriptions. An empty result is told by 165 and no rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ironbridge.exchange import catalog
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.limits import Pacing
from ironbridge.paper.scan_guide import FILTERS, INSTRUMENTS, SCANS, Candidate, Filter, Scan, document
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, contract_of
from ironbridge.wire.scanner import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
    ScannerData,
    ScannerParameters,
    ScannerRow,
    ScannerSubscription,
)
from ironbridge.wire.values import TagValue, given

AGAIN = timedelta(seconds=30)
MOST_ROWS = 50
MOST_SCANNERS = 10
"""IB's own limit of scanner subscriptions."""
_STOCK_TYPES = {"ALL": None, "": None, "STOCK": "COMMON", "CORP": "COMMON", "ETF": "ETF"}
_BONDS_ONLY = (
    "moody_rating_above", "moody_rating_below", "sp_rating_above", "sp_rating_below", "maturity_date_above",
    "maturity_date_below", "coupon_rate_above", "coupon_rate_below",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Scanning:
    """One subscription, understood."""

    session: Session
    req_id: int
    scan: Scan
    listings: tuple[Listing, ...]
    filters: tuple[tuple[Filter, float], ...]
    rows: int
    due: datetime
    running: bool = False


class ScannerDesk:
    """The scanners' desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._scannings: dict[tuple[Session, int], Scanning] = {}
        rows = (*catalog.STOCKS, *catalog.INDICES, *floor.venue.options.stocks)
        self._usual = {row.con_id: float(row.daily_volume) for row in rows}

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
        for scanning in self._scannings.values():
            if now >= scanning.due and not scanning.running:
                self._start(scanning)

    def left(self, session: Session) -> None:
        for key in [key for key in self._scannings if key[0] is session]:
            del self._scannings[key]

    # -- requests

    def parameters(self, session: Session, _message: ReqScannerParameters) -> None:
        session.send(ScannerParameters(document()))

    def subscribe(self, session: Session, message: ReqScannerSubscription) -> None:
        key = (session, message.req_id)
        if key in self._scannings:
            raise Refusal(322, "Error processing request.-'bZ' : cause - Duplicate ticker id")
        open_already = sum(1 for each in self._scannings if each[0] is session)
        if self._floor.limits.pacing is not Pacing.OFF and open_already >= MOST_SCANNERS:
            raise _refused(f"Only {MOST_SCANNERS} simultaneous API scanner subscriptions are allowed")
        wanted = message.subscription
        scan = SCANS.get(wanted.scan_code)
        if scan is None:
            raise _refused(f"Scanner type with code {wanted.scan_code or '(none)'} is disabled")
        scanning = Scanning(
            session,
            message.req_id,
            scan,
            self._listings(wanted),
            tuple(_filters(wanted, message.filter_options)),
            _rows(wanted),
            self._floor.now(),
        )
        self._scannings[key] = scanning
        self._start(scanning)

    def cancel(self, session: Session, message: CancelScannerSubscription) -> None:
        if self._scannings.pop((session, message.req_id), None) is None:
            raise _refused(f"No scanner subscription found for ticker id:{message.req_id}")
        # A real gateway confirms the end in this form.
        raise _refused(f"API scanner subscription cancelled: {message.req_id}")

    def _listings(self, wanted: ScannerSubscription) -> tuple[Listing, ...]:
        instrument = INSTRUMENTS.get(wanted.instrument)
        if instrument is None:
            raise _refused(f"Instrument {wanted.instrument or '(none)'} is not offered")
        places = instrument.places.get(wanted.location_code)
        if places is None:
            raise _refused(f"Location {wanted.location_code or '(none)'} is not offered for {wanted.instrument}")
        stock_type = wanted.stock_type_filter.upper()
        if stock_type not in _STOCK_TYPES:
            raise _refused(f"Stock type {wanted.stock_type_filter} is not offered")
        kept = _STOCK_TYPES[stock_type]
        return tuple(
            listing
            for listing in self._universe()
            if instrument.fits(listing)
            and (not places or listing.primary_exchange in places)
            and (kept is None or listing.stock_type == kept)
        )

    def _universe(self) -> Iterator[Listing]:
        for con_id in self._usual:
            listing = self._floor.venue.listing(con_id)
            if listing is not None:
                yield listing

    # -- scanning

    def _start(self, scanning: Scanning) -> None:
        scanning.running = True
        scanning.due = self._floor.now() + AGAIN
        self._floor.begin(scanning.session, scanning.req_id, self._scan(scanning))

    def _scan(self, scanning: Scanning) -> Iterator[None]:
        """One pass, a slice for each listing."""
        found: list[tuple[float, Listing]] = []
        for listing in scanning.listings:
            if self._scannings.get((scanning.session, scanning.req_id)) is not scanning:
                return
            candidate = Candidate(listing, self._floor.venue.quote(listing.con_id), self._usual[listing.con_id])
            rank = scanning.scan.rank(candidate)
            if rank is not None and all(each.keeps(candidate, bound) for each, bound in scanning.filters):
                found.append((rank, listing))
            yield
        scanning.running = False
        found.sort(key=lambda each: (-each[0], each[1].symbol))
        self._tell(scanning, [listing for _, listing in found[: scanning.rows]])

    def _tell(self, scanning: Scanning, listings: Sequence[Listing]) -> None:
        req_id = scanning.req_id
        if not listings:
            scanning.session.error(req_id, 165, "Historical Market Data Service query message:no items retrieved")
        rows = tuple(
            ScannerRow(rank, contract_of(listing), listing.market_name) for rank, listing in enumerate(listings)
        )
        scanning.session.send(ScannerData(req_id, rows))


def _rows(wanted: ScannerSubscription) -> int:
    rows = given(wanted.number_of_rows)
    return MOST_ROWS if rows is None or rows < 1 else min(rows, MOST_ROWS)


def _filters(wanted: ScannerSubscription, options: Sequence[TagValue]) -> Iterator[tuple[Filter, float]]:
    """The filters of the subscription's own fields and of its filter options."""
    for field in _BONDS_ONLY:
        if getattr(wanted, field) not in {"", None} and given(getattr(wanted, field)) is not None:
            raise _refused(f"Filter {field} is not offered for {wanted.instrument}")
    for value, code, unit in (
        (wanted.above_price, "priceAbove", 1.0),
        (wanted.below_price, "priceBelow", 1.0),
        (wanted.above_volume, "volumeAbove", 1.0),
        (wanted.market_cap_above, "marketCapAbove1e6", 1e-6),
        (wanted.market_cap_below, "marketCapBelow1e6", 1e-6),
        (wanted.average_option_volume_above, "optVolumeAbove", 1.0),
    ):
        bound = given(value)
        if bound is not None:
            yield FILTERS[code], float(bound) * unit
    for option in options:
        if option.tag not in FILTERS:
            raise _refused(f"Filter {option.tag} is not offered")
        try:
            yield FILTERS[option.tag], float(option.value)
        except ValueError:
            raise _refused(f"Filter {option.tag} needs a number, not {option.value!r}") from None


def _refused(cause: str) -> Refusal:
    return Refusal(162, f"Historical Market Data Service error message:{cause}")

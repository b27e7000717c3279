"""What the rows of a price file mean, and what is wrong with those that mean nothing.

A file holds either ticks or bars, told by its columns:

    every row   time                 ISO 8601 with its offset, or seconds since 1970
                con_id, or symbol    which listing; `symbol` takes "AAPL", "EUR.USD" and "ESZ6" too
                sec_type             optional: STK, IND, CASH, FUT, OPT, where a symbol means several
    ticks       bid, ask             empty is "there was none"; both empty is "as before"
                bid_size, ask_size   optional, 100 where empty
                last, last_size      optional: a trade at that moment
    bars        open, high, low, close
                volume               optional; IB's -1 is none
                end                  optional; else a bar is as long as the shortest distance between two of a listing

Ticks without quotes have a market one price step around each trade, as bars have. Rows of one listing must not go back
in time, nor bars overlap. A row at fault is refused by its line; none is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from ironbridge.domain.instrument import Kind
from ironbridge.errors import InvalidInput
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.exchange.recorded import RecordedBar, RecordedMoment, RecordedTrack, of_bars
from ironbridge.exchange.tape import step_of
from ironbridge.exchange.universe import Universe

WHICH = frozenset({"time", "con_id", "symbol", "sec_type"})
TICKS = frozenset({"bid", "ask", "bid_size", "ask_size", "last", "last_size"})
PRICES = ("open", "high", "low", "close")
BARS = frozenset({*PRICES, "volume", "end"})
USUAL_SIZE = 100
NO_VOLUME = -1
LATEST = 4_102_444_800
"""The year 2100 in seconds: a larger number is milliseconds or finer, and is not guessed at."""


EARLIEST = datetime.min.replace(tzinfo=UTC)


class BadRow(InvalidInput):
    """A row that means nothing; the file's reader adds where it is."""


@dataclass(slots=True)
class _Found:
    """The rows of one listing."""

    listing: Listing
    moments: list[RecordedMoment] = field(default_factory=list)
    bars: list[tuple[datetime, datetime | None, tuple[Decimal, ...], int]] = field(default_factory=list)
    newest: datetime = EARLIEST


class PriceRows:
    """Collects the rows of a file.

    Parameters:
        columns: of the file.
        universe: what there is to have prices.

    Raises:
        InvalidInput: columns that are neither ticks' nor bars'.
    """

    def __init__(self, columns: Iterable[str], universe: Universe) -> None:
        names = set(columns)
        self._universe = universe
        self._found: dict[tuple[str, str, str], _Found] = {}
        self._by_con_id: dict[int, _Found] = {}
        self._of_bars = names >= set(PRICES)
        self._quoted = bool(names & {"bid", "ask"})
        unknown = names - WHICH - (BARS if self._of_bars else TICKS)
        if unknown:
            raise InvalidInput(
                f"There is no column {', '.join(sorted(map(repr, unknown)))} in a file of "
                f"{'bars' if self._of_bars else 'ticks'}.",
                next_step=f"Known are {', '.join(sorted(WHICH | (BARS if self._of_bars else TICKS)))}.",
            )
        if "time" not in names or not names & {"con_id", "symbol"}:
            raise InvalidInput("A price file has the columns time and symbol or con_id.", next_step=_COLUMNS)
        if not self._of_bars and not self._quoted and "last" not in names:
            raise InvalidInput("The file has no prices.", next_step=_COLUMNS)

    def take(self, row: Mapping[str, Any]) -> None:
        """One row.

        Raises:
            BadRow: it means nothing.
        """
        found = self._of(row)
        time = _moment(row.get("time"), "time")
        if time < found.newest:
            raise BadRow(f"{time.isoformat()} is before {found.newest.isoformat()} of the row before it.")
        if self._of_bars:
            self._bar(found, time, row)
        else:
            found.moments.append(self._tick(found.listing, time, row))
            found.newest = time

    def recordings(self) -> dict[int, list[RecordedMoment]]:
        """What was collected, by con id.

        Raises:
            InvalidInput: there is nothing, or bars overlap.
        """
        if not self._by_con_id:
            raise InvalidInput("The file has no rows.", next_step=_COLUMNS)
        made = {}
        for con_id, found in self._by_con_id.items():
            moments = of_bars(_bars(found), found.listing) if self._of_bars else found.moments
            # What a row alone does not show is refused here, and not at the first order.
            RecordedTrack(found.listing, moments, [step_of(moment.time) for moment in moments])
            made[con_id] = moments
        return made

    # -- rows

    def _of(self, row: Mapping[str, Any]) -> _Found:
        key = (_text(row.get("con_id")), _text(row.get("symbol")), _text(row.get("sec_type")))
        known = self._found.get(key)
        if known is None:
            listing = self._listing(*key, _moment(row.get("time"), "time"))
            known = self._by_con_id.setdefault(listing.con_id, _Found(listing))
            self._found[key] = known
        return known

    def _listing(self, con_id: str, symbol: str, sec_type: str, on: datetime) -> Listing:
        kind = None
        if sec_type:
            try:
                kind = Kind(sec_type.upper())
            except ValueError:
                raise BadRow(f"sec_type {sec_type!r} is none.", next_step="Write STK, IND, CASH, FUT or OPT.") from None
        if con_id:
            listing = self._universe.by_con_id(int(con_id)) if con_id.isdecimal() else None
            found = [] if listing is None or kind not in {None, listing.kind} else [listing]
        else:
            queries = (ContractQuery(symbol=symbol, kind=kind), ContractQuery(local_symbol=symbol, kind=kind))
            found = next((hits for each in queries if symbol and (hits := self._universe.find(each, on.date()))), [])
        if len(found) != 1:
            name = symbol or f"con id {con_id}" if symbol or con_id else "a row without symbol and con_id"
            raise BadRow(
                f"{name} is {'several listings' if found else 'not listed'}.",
                next_step="Name one by its con_id; stocks of your own must be given to the venue.",
            )
        return found[0]

    def _tick(self, listing: Listing, time: datetime, row: Mapping[str, Any]) -> RecordedMoment:
        bid, ask, last = (_price(row, name, listing) for name in ("bid", "ask", "last"))
        if bid is not None and ask is not None and bid >= ask:
            raise BadRow(f"The market is crossed: {bid} is bid and {ask} asked.")
        if bid is ask is last is None:
            raise BadRow("The row has no price.")
        if not self._quoted and last is not None:
            step = listing.rule.step_at(last)
            bid, ask = (last - step if last > step else None), last + step
        return RecordedMoment(
            time,
            bid,
            ask,
            _size(row, "bid_size", USUAL_SIZE),
            _size(row, "ask_size", USUAL_SIZE),
            last,
            _size(row, "last_size", USUAL_SIZE if last is not None else 0),
        )

    def _bar(self, found: _Found, begin: datetime, row: Mapping[str, Any]) -> None:
        prices = tuple(_price(row, name) for name in PRICES)
        if None in prices:
            raise BadRow("A bar has four prices: open, high, low and close.")
        whole = tuple(price for price in prices if price is not None)
        opened, high, low, close = whole
        if not low <= min(opened, close) <= max(opened, close) <= high:
            raise BadRow(f"A bar from {low} to {high} cannot open at {opened} and close at {close}.")
        if low <= 2 * found.listing.min_tick:
            raise BadRow(f"A price of {low} leaves no room for a bid below it.")
        if found.bars and begin == found.bars[-1][0]:
            raise BadRow(f"There are two bars of {begin.isoformat()}.")
        end = _moment(row["end"], "end") if _text(row.get("end")) else None
        if end is not None and end <= begin:
            raise BadRow("The bar ends before it begins.")
        found.bars.append((begin, end, whole, max(0, _size(row, "volume", 0, least=NO_VOLUME))))
        found.newest = begin if end is None else end


_COLUMNS = "The columns of ticks and bars are in the documentation of the paper gateway."


def _bars(found: _Found) -> Iterable[RecordedBar]:
    distances = [later[0] - earlier[0] for earlier, later in pairwise(found.bars)]
    length = min(distances, default=timedelta(0))
    for begin, end, (opened, high, low, close), volume in found.bars:
        if end is None and not length:
            raise InvalidInput(
                f"How long the only bar of {found.listing.local_symbol} is cannot be told.",
                next_step="Add a column `end`.",
            )
        yield RecordedBar(begin, end or begin + length, opened, high, low, close, volume)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _moment(value: Any, name: str) -> datetime:
    moment = value if isinstance(value, datetime) else _read_moment(_text(value), name)
    if moment.tzinfo is None:
        raise BadRow(
            f"{name} {moment.isoformat()} does not say in which zone.",
            next_step=f"Write its offset: {moment.isoformat()}-05:00.",
        )
    return moment.astimezone(UTC)


def _read_moment(text: str, name: str) -> datetime:
    try:
        return datetime.fromtimestamp(_seconds(text), UTC) if _is_number(text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadRow(
            f"{name} {text!r} is no time.", next_step="Write 2026-11-20T09:30:00-05:00, or seconds since 1970."
        ) from None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and len(text.partition(".")[0]) > len("20261120")


def _seconds(text: str) -> float:
    seconds = float(text)
    if seconds > LATEST:
        raise ValueError(text)
    return seconds


def _number(value: Any, name: str) -> Decimal | None:
    text = _text(value)
    if not text or text.lower() == "nan":
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadRow(f"{name} {text!r} is no number.") from None
    if not number.is_finite():
        raise BadRow(f"{name} {text!r} is no number.")
    return number


def _price(row: Mapping[str, Any], name: str, listing: Listing | None = None) -> Decimal | None:
    price = _number(row.get(name), name)
    if price is None:
        return None
    if price <= 0:
        raise BadRow(f"{name} {price} is no price.")
    if listing is not None and not listing.rule.conforms(price):
        raise BadRow(f"{name} {price} is no multiple of {listing.rule.step_at(price)}, the price step here.")
    return price


def _size(row: Mapping[str, Any], name: str, usual: int, *, least: int = 0) -> int:
    size = _number(row.get(name), name)
    if size is None:
        return usual
    if size != int(size) or size < least:
        raise BadRow(f"{name} {size} is no whole number of units.")
    return int(size)

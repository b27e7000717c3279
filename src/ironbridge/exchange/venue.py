"""The venue: one object in front of listings, prices, orders and accounts.

Time comes in with every call and never goes back. `advance` lets the market live until a moment: alarms, fills,
triggers and expiries happen at their own step, in the order of time and, within a step, of con ids; only then come the
quotes of watched listings. Cutting an interval differently gives the same order events. Listings that nobody has an
order in cost nothing; a long jump goes from event to event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput
from ironbridge.exchange import combos, commands
from ironbridge.exchange.accounts import AccountSpec, AccountView, MarginImpact
from ironbridge.exchange.book import BookView
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.clearing import Clearing
from ironbridge.exchange.commands import CancelAll, CancelOrder, ComboLeg, Command, ModifyOrder, OrderTerms, PlaceOrder
from ironbridge.exchange.conditions import Senses
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.desk import Desk
from ironbridge.exchange.events import (
    CommissionCharged,
    Event,
    Execution,
    OrderRejected,
    OrderSnapshot,
    Quote,
    QuoteChanged,
    RejectReason,
    TradePrinted,
)
from ironbridge.exchange.floor import Floor
from ironbridge.exchange.hours import AlarmKind, Hours
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import ContractQuery, Listing, OptionParameters, SymbolMatch
from ironbridge.exchange.option_track import OptionTrack
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.pace import next_busy
from ironbridge.exchange.past import Past
from ironbridge.exchange.quoting import Quoting
from ironbridge.exchange.recorded import Recording
from ironbridge.exchange.settlement import Settlement
from ironbridge.exchange.smile import OptionModel
from ironbridge.exchange.state import Keeper, specs
from ironbridge.exchange.tape import Tape, step_of, time_of
from ironbridge.exchange.universe import Universe, schedule_of
from ironbridge.exchange.valuation import view
from ironbridge.exchange.walk import keyed

_PRINTS = 40
"""Of a longer jump only the prints of the last ten seconds are told one by one."""


@dataclass(frozen=True, slots=True)
class VenueOptions:
    """Parameters:
    real_sessions: listings keep their exchange's hours; by default they trade at any hour.
    stocks: the user's own, beside the built-in ones or, under the same con id, in their place.
    recordings: prices to be replayed in place of seeded ones, by con id.
    """

    real_sessions: bool = False
    stocks: tuple[Seedling, ...] = ()
    recordings: Mapping[int, Recording] = field(default_factory=dict)


class Venue:
    """A deterministic exchange with accounts.

    Parameters:
        seed: of all prices; the same seed and the same calls give the same events.
        accounts: to open.
        start: the venue's first moment, aware.
        options: how it behaves.
    """

    def __init__(
        self, seed: int, accounts: Sequence[AccountSpec], start: datetime, *, options: VenueOptions | None = None
    ) -> None:
        _aware(start)
        self.seed = seed
        self.options = options or VenueOptions()
        self._universe = Universe(self.options.stocks)
        self._tape = Tape(
            seed,
            self._universe,
            sessions=self.options.real_sessions,
            own=self.options.stocks,
            recordings=self.options.recordings,
        )
        self._hours = Hours(self._tape, start)
        self._ledger = Ledger(tuple(accounts))
        self._outbox = Outbox(start)
        self._credit = Credit(self._universe, self._hours)
        born = int(start.timestamp())
        run = f"{keyed(seed, 'executions', born) & 0xFFFF_FFFF_FFFF:012x}"
        self._clearing = Clearing(self._universe, self._ledger, self._credit, self._outbox, run)
        floor = Floor(self._tape)
        floor.on_print(self._client_trade)
        self.past = Past(self._tape)
        self._quoting = Quoting(self._tape, floor)
        self._earlier = Quoting(self._tape, Floor(self._tape))
        self._desk = Desk(
            self._universe,
            self._ledger,
            self._credit,
            self._clearing,
            floor,
            self._hours,
            Senses(self.quote, self._cushion, self._clearing.traded),
            self._outbox,
            # As IB's: no two runs give one number to two orders, so that nobody takes an old order for a new one.
            1_000_000_000 + keyed(seed, "orders", born) % 1_000_000_000,
        )
        self._settlement = Settlement(self._universe, self._ledger, self._credit, self._desk, self._hours, self._outbox)
        self._keeper = Keeper(self._universe, self._ledger, self._desk, self._clearing, self._settlement, self._outbox)
        self._watched: Counter[int] = Counter()
        self._shown: dict[int, Quote] = {}
        self._settlement.begin_day()

    @property
    def now(self) -> datetime:
        return self._hours.now

    # What happens.

    def apply(self, command: Command, now: datetime) -> list[Event]:
        """Advances to `now`, then does what the command says; gives all events of both."""
        self._advance(now)
        if isinstance(command, PlaceOrder):
            self._desk.place(command)
        elif isinstance(command, ModifyOrder):
            self._desk.modify(command)
        elif isinstance(command, CancelOrder):
            self._desk.cancel(command)
        elif isinstance(command, CancelAll):
            self._desk.cancel_all(command)
        elif isinstance(command, commands.CorrectFill):
            self._clearing.correct(command)
        else:
            self._settlement.exercise(command)
        return self._outbox.drain()

    def advance(self, now: datetime) -> list[Event]:
        """Lets the market live until `now`; the new quotes of watched listings come last."""
        before = self._hours.step
        self._advance(now)
        after = self._hours.step
        if after > before:
            for con_id in sorted(self._watched):
                self._show(con_id, before, after)
        return self._outbox.drain()

    def _advance(self, now: datetime) -> None:
        _aware(now)
        hours = self._hours
        if now < hours.now:
            raise InvalidInput(f"The venue is at {hours.now.isoformat()}; time cannot go back to {now.isoformat()}.")
        last, step = step_of(now), hours.step
        busy: dict[int, int | None] = {}
        while True:
            for con_id in self._desk.interests():
                if con_id not in busy:
                    busy[con_id] = next_busy(self._desk, self._listed(con_id), step + 1, last)
            at = min((s for s in busy.values() if s is not None), default=None)
            ring = hours.next_alarm()
            if ring is not None and ring <= now and (at is None or ring <= time_of(at)):
                hours.now = max(hours.now, ring)
                self._outbox.at(hours.now)
                self._ring()
                # What an alarm released looks at the market anew.
                step, busy = max(step, hours.step), {}
            elif at is not None:
                hours.now = max(hours.now, time_of(at))
                self._outbox.at(hours.now)
                step = at
                due = sorted(con_id for con_id, s in busy.items() if s == at)
                for con_id in due:
                    listing = self._listed(con_id)
                    if self._tape.is_open(listing, at):
                        self._desk.floor.sweep(listing, at)
                        self._desk.look(listing, at)
                for con_id in due:
                    del busy[con_id]
                busy = {con_id: s for con_id, s in busy.items() if con_id in self._desk.interests()}
            else:
                break
        hours.now = now
        self._outbox.at(now)

    def _ring(self) -> None:
        _, kind, number = self._hours.pop()
        if kind is AlarmKind.ORDER:
            self._desk.ring(number)
        elif kind is AlarmKind.EXPIRY:
            self._settlement.expire(self._listed(number))
        else:
            self._settlement.begin_day()

    def _show(self, con_id: int, before: int, after: int) -> None:
        listing = self._listed(con_id)
        track = self._tape.track(listing)
        for step in range(max(before + 1, after - _PRINTS + 1), after + 1):
            if not self._tape.is_open(listing, step):
                continue
            printed = self._desk.floor.print_at(listing, step)
            if printed is not None:
                self._outbox.put(
                    TradePrinted, con_id, printed.price * track.unit, Decimal(printed.size), listing.exchange
                )
        quote = self._quoting.quote(listing, after)
        if not quote.same_as(self._shown.get(con_id)):
            self._shown[con_id] = quote
            self._outbox.put(QuoteChanged, quote)

    def _client_trade(self, listing: Listing, price: Decimal, size: Decimal) -> None:
        self.past.note(listing.con_id, self._hours.step, price, size)
        if listing.con_id in self._watched:
            self._outbox.put(TradePrinted, listing.con_id, price, size, listing.exchange)

    def export_state(self) -> dict[str, Any]:
        """All that a later run needs to go on, as JSON-compatible data."""
        return self._keeper.export(self.seed)

    @classmethod
    def import_state(cls, state: dict[str, Any], *, options: VenueOptions | None = None) -> Venue:
        """The venue that `export_state` told of, at the moment when it did; `advance` brings it to the present.

        Raises:
            InvalidInput: the state is of another format, or names what is not listed.
        """
        venue = cls(state["seed"], specs(state), datetime.fromisoformat(state["time"]), options=options)
        venue._keeper.restore(state)
        return venue

    # What is listed.

    def find(self, query: ContractQuery) -> list[Listing]:
        """All listings that fit: none is unknown, several are ambiguous."""
        return list(self.matching(query))

    def matching(self, query: ContractQuery) -> Iterator[Listing]:
        return self._universe.matching(query, self.today)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo("America/New_York")).date()

    def listing(self, con_id: int) -> Listing | None:
        return self._universe.by_con_id(con_id)

    def option_parameters(self, under_con_id: int) -> list[OptionParameters]:
        return self._universe.option_parameters(under_con_id, self.today)

    def search(self, text: str) -> list[SymbolMatch]:
        return self._universe.search(text)

    def trading_hours(self, listing: Listing) -> str:
        """The coming days' sessions in IB's format, in the listing's own zone."""
        return self._hours_text(listing, liquid=False)

    def liquid_hours(self, listing: Listing) -> str:
        """The coming days' regular sessions in IB's format, in the listing's own zone."""
        return self._hours_text(listing, liquid=True)

    def _hours_text(self, listing: Listing, *, liquid: bool) -> str:
        schedule = schedule_of(listing)
        return schedule.hours_text(self.now.astimezone(ZoneInfo(schedule.zone)).date(), liquid=liquid)

    def is_open(self, listing: Listing, *, liquid: bool = True) -> bool:
        """Whether orders trade now; always, unless real sessions are kept."""
        return not self.options.real_sessions or schedule_of(listing).is_open(self.now, liquid=liquid)

    # What the market is.

    def watch(self, con_id: int) -> Quote:
        """Tells changes of a listing from now on; counted, one `unwatch` each."""
        quote = self.quote(con_id)
        self._watched[con_id] += 1
        # What the earlier watchers were shown stays: a change since then is still to be told to them.
        self._shown.setdefault(con_id, quote)
        return quote

    def unwatch(self, con_id: int) -> None:
        if self._watched[con_id] > 1:
            self._watched[con_id] -= 1
        else:
            del self._watched[con_id]
            self._shown.pop(con_id, None)
            self._quoting.forget(con_id)

    def quote(self, con_id: int) -> Quote:
        return self._quoting.quote(self._listed(con_id), self._hours.step)

    def quote_at(self, con_id: int, moment: datetime) -> Quote:
        """What the quote was at a moment that has passed, without the clients' own orders and trades in it."""
        return self._earlier.quote(self._listed(con_id), min(step_of(moment), self._hours.step))

    def book(self, con_id: int, depth: int = 10) -> BookView:
        listing = self._listed(con_id)
        return self._desk.floor.book(listing).view(depth, self._tape.live_step(listing, self._hours.step))

    def combination(self, legs: tuple[ComboLeg, ...]) -> Listing | None:
        """The listing that stands for a combination; None when a leg is unknown, untradable or in another currency."""
        terms = OrderTerms("", 0, Side.BUY, Decimal(1), legs=legs)
        return combos.listing_of(terms, self._universe) if legs else None

    def opens_for(self, terms: OrderTerms, listing: Listing) -> datetime:
        """When the session opens in which an order can trade; in the past while it is running."""
        return self._hours.next_chance(terms, listing)

    def option_model(self, con_id: int, moment: datetime | None = None) -> OptionModel | None:
        """Volatility and Greeks of an option by the venue's own smile, now or earlier; None for anything else."""
        listing = self._listed(con_id)
        track = self._tape.track(listing)
        at = self._hours.step if moment is None else min(step_of(moment), self._hours.step)
        step = self._tape.live_step(listing, at)
        return track.model(step) if isinstance(track, OptionTrack) else None

    def _listed(self, con_id: int) -> Listing:
        listing = self._universe.by_con_id(con_id)
        if listing is None:
            raise InvalidInput(f"The venue lists nothing under con id {con_id}.")
        return listing

    # Whose it is.

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(self._ledger.accounts)

    def account(self, name: str) -> AccountView:
        """The account valued now.

        Raises:
            InvalidInput: there is no such account.
        """
        account = self._ledger.get(name)
        if account is None:
            raise InvalidInput(f"The venue has no account {name!r}.")
        return view(account, self._credit.market, self.now)

    def _cushion(self, name: str) -> Decimal:
        """Excess liquidity per cent of net liquidation."""
        now = self.account(name)
        return now.excess_liquidity / now.net_liquidation * 100 if now.net_liquidation else Decimal(0)

    def what_if(self, terms: OrderTerms, now: datetime) -> MarginImpact | OrderRejected:
        """What an order would do to its account, or why it would be refused; nothing is placed and no time passes."""
        _aware(now)
        terms, fault = self._desk.entry.judged(terms, self._hours.step)
        listing, account = self._desk.entry.listing(terms), self._ledger.get(terms.account)
        if listing is None or account is None or (fault and fault.reason is not RejectReason.BUYING_POWER):
            assert fault is not None
            return OrderRejected(self._outbox.sequence, now, 0, 0, terms, fault.reason, fault.text, fault.field)
        return self._credit.impact(account, terms, listing, self._hours.step)

    def order(self, perm_id: int) -> OrderSnapshot | None:
        live = self._desk.live.get(perm_id)
        return live.snapshot() if live is not None else self._desk.done.get(perm_id)

    def orders(self) -> list[OrderSnapshot]:
        """Open orders, oldest first."""
        return [order.snapshot() for order in self._desk.live.values()]

    def completed(self) -> list[OrderSnapshot]:
        """Filled and cancelled orders, in the order of ending."""
        return list(self._desk.done.values())

    def executions(self) -> list[tuple[Execution, CommissionCharged]]:
        """With their commissions; a combination's own execution is charged nothing, its legs' are."""
        return list(self._clearing.executions)


def _aware(now: datetime) -> None:
    if now.tzinfo is None:
        raise InvalidInput(f"{now.isoformat()} has no time zone; the venue's times are aware.")

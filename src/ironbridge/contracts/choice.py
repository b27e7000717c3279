"""Which of the broker's contracts an instrument means: a plain decision, taken on its whole answer.

One contract listed under several exchanges is one contract. Several contracts are never chosen between: what could be
meant is listed, each so that the person can tell it from the others, with the text that means it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ironbridge.contracts.notation import format_instrument
from ironbridge.domain.instrument import Contract, Instrument, Kind
from ironbridge.errors import AmbiguousInstrument, InstrumentNotFound

SHOWN = 12
"""Candidates that the message shows; all of them are on the error."""

_ADVICE = {
    Kind.STOCK: "Check the symbol, the currency and the exchange.",
    Kind.FOREX: "Write the base currency first, as in EURUSD; IB has no pair the other way round.",
    Kind.INDEX: "Check the symbol and give its exchange, as in IND:SPX:CBOE.",
    Kind.FUTURE: "Check product, exchange and expiry, as in FUT:ES:202612:CME; FUT:ES lists what there is.",
    Kind.OPTION: "Check expiry and strike, as in OPT:SPY:20261218:680:C; not every strike is listed.",
}


def choose(instrument: Instrument, answer: Sequence[Contract]) -> Contract:
    """The one contract that `instrument` means.

    Raises:
        InstrumentNotFound: the answer is empty.
        AmbiguousInstrument: it has several; `candidates` holds them all.
    """
    if not answer:
        raise InstrumentNotFound(
            f"IB knows no {describe(instrument)}.",
            next_step=_ADVICE.get(instrument.kind, "Check symbol, exchange, currency and what else names it."),
            instrument=format_instrument(instrument),
        )
    by_identity: dict[int, list[Contract]] = {}
    for contract in answer:
        by_identity.setdefault(contract.con_id, []).append(contract)
    if len(by_identity) > 1:
        candidates = tuple(sorted((listings[0] for listings in by_identity.values()), key=_place))
        raise AmbiguousInstrument(
            f"{describe(instrument)} could be any of {len(candidates)}: {_listed(candidates)}.",
            candidates=candidates,
            next_step=f"Say which one, as in {_telling(candidates)}.",
        )
    return _routed(instrument, answer)


def _routed(instrument: Instrument, listings: Sequence[Contract]) -> Contract:
    """Of one contract's listings the one at the exchange that was asked for."""
    for contract in listings:
        if contract.instrument.exchange == instrument.exchange:
            return contract
    first = listings[0]
    if instrument.exchange and instrument.exchange in first.valid_exchanges:
        return replace(first, instrument=replace(first.instrument, exchange=instrument.exchange))
    return first


def describe(instrument: Instrument) -> str:
    """The instrument with all that was said of it, for people."""
    words = [instrument.kind.name.lower().replace("_", " "), str(instrument)]
    if instrument.exchange:
        words.append(f"at {instrument.exchange}")
    words.append(f"in {instrument.currency}")
    if instrument.con_id:
        words.append(f"with conId {instrument.con_id}")
    return " ".join(words)


def _place(contract: Contract) -> tuple[str, Decimal, str, str, str, int]:
    """The order in which people look for one among many: the next expiry first."""
    i = contract.instrument
    return i.expiry, i.strike or Decimal(0), i.right or "", i.currency, i.exchange, i.con_id


def _telling(candidates: Sequence[Contract]) -> str:
    """The text that means the first of the candidates and none of the others."""
    texts = [format_instrument(contract.instrument, brief=True) for contract in candidates]
    first = candidates[0].instrument
    return texts[0] if texts.count(texts[0]) == 1 else f"{first.kind}:{first.symbol}:con_id={first.con_id}"


def _listed(candidates: Sequence[Contract]) -> str:
    shown = "; ".join(str(contract) for contract in candidates[:SHOWN])
    more = len(candidates) - SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown

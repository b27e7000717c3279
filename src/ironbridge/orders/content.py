"""Whether an order that is asked for is the order that already has its key (ORD-2).

Decided without asking anybody, so that a key gives its order back while there is no connection too: an instrument that
was written with fewer fields than IB resolved it to means that one, as far as the fields go that were written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.links import UNLINKED, Links
from ironbridge.domain.order import OrderRequest, OrderSpec
from ironbridge.errors import KeyConflict


def check_same(
    request: OrderRequest,
    instrument: Instrument,
    spec: OrderSpec,
    account: str | None,
    strategy: str,
    links: Links = UNLINKED,
) -> None:
    """Return where `request`, which has the key, is what is asked for this time.

    Raises:
        KeyConflict: naming what differs.
    """
    differences = [
        name
        for name, same in (
            ("instrument", means(instrument, request.instrument)),
            ("order", spec == request.spec),
            ("account", account in {None, request.account}),
            ("strategy", strategy == request.strategy),
            ("group", links == request.links),
        )
        if not same
    ]
    if differences:
        raise KeyConflict(
            f"The key {request.key!r} already stands for {request.spec} {request.instrument} in {request.account}; "
            f"what is asked for has another {' and '.join(differences)}: {spec} {instrument}.",
            next_step="Use a new key for a new order.",
            key=request.key,
            differs=differences,
        )


def check_same_group(taken: Mapping[str, OrderRequest], wanted: Sequence[OrderRequest]) -> None:
    """Return where the orders that have these keys are, one by one, those that are asked for this time.

    Raises:
        KeyConflict: naming what differs, or the key that stands for something else.
    """
    for request in wanted:
        known = taken.get(request.key)
        if known is None:
            other = next(iter(taken))
            raise KeyConflict(
                f"The key {other!r} already stands for an order that is not one of this group.",
                next_step="Use a new key for a new group.",
                key=other,
                differs=["group"],
            )
        check_same(known, request.instrument, request.spec, request.account, request.strategy, request.links)


def means(written: Instrument, resolved: Instrument) -> bool:
    """Whether what was written can mean what was resolved."""
    if written.con_id:
        return written.con_id == resolved.con_id and written.exchange in {"", resolved.exchange}
    return (
        written.kind is resolved.kind
        and written.symbol.upper() == resolved.symbol.upper()
        and written.currency == resolved.currency
        and resolved.expiry.startswith(written.expiry)
        and written.legs == resolved.legs
        and all(
            wanted in {"", None, found}
            for wanted, found in (
                (written.exchange, resolved.exchange),
                (written.primary_exchange, resolved.primary_exchange),
                (written.strike, resolved.strike),
                (written.right, resolved.right),
                (written.multiplier, resolved.multiplier),
                (written.trading_class, resolved.trading_class),
                (written.local_symbol, resolved.local_symbol),
            )
        )
    )

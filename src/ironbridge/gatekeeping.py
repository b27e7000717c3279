"""What stands between an order and the broker, as Protocols (RSK-1): the gate, and what it must know of accounts.

Part of `ironbridge.interfaces`, which gives these names too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from ironbridge.domain.account import Exposure, Funds, Position
from ironbridge.domain.discrepancy import Discrepancy
from ironbridge.domain.instrument import Contract
from ironbridge.domain.market import Quote
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.order_state import Order


class Gate(Protocol):
    """What every order passes before it may be sent (RSK-1). It decides at once, by what it has been told."""

    def needs_quote(self, request: OrderRequest) -> bool:
        """Whether the order cannot be judged without a quote of its instrument."""
        ...

    def check(
        self,
        request: OrderRequest,
        contract: Contract,
        quote: Quote | None,
        *,
        replacing: Order | None = None,
        pending: Iterable[OrderRequest] = (),
    ) -> RiskApproved:
        """Let the order through; `pending` are those let through already that `note` has not told of.

        Raises:
            OrderRefused: naming the limit, its value and the order's.
        """
        ...

    def note(self, order: Order) -> None:
        """Take an order as it stands now; told with each change of each order, and of all of them at the start."""
        ...


class RiskFacts(Protocol):
    """What risk limits must know of accounts, as it is now.

    Unknown is None and never zero: before the first complete answer, while the session is interrupted, and where the
    broker has not said. A limit that needs a fact that is None must not take it as passed.
    """

    @property
    def interrupted_by(self) -> str:
        """Why nothing here is known to be current; empty where it is kept up to date."""
        ...

    @property
    def accounts(self) -> Sequence[str]:
        """The accounts that the broker has named."""
        ...

    def position(self, account: str, con_id: int) -> Decimal | None:
        """Signed units held; zero only where the broker, fully asked, holds none."""
        ...

    def held(self, account: str) -> Sequence[Position] | None:
        """Everything that the account holds; None where that is not known to be all, or not known to be current."""
        ...

    def exposure(self, account: str) -> Exposure:
        """Gross and net market value in the base currency."""
        ...

    def discrepancies(self, account: str) -> Sequence[Discrepancy]:
        """Where the broker's numbers have differed from our own books for so long that it is no matter of timing."""
        ...

    def daily_pnl(self, account: str) -> Decimal | None:
        """Profit or loss since the day began, in the base currency."""
        ...

    def funds(self, account: str) -> Funds:
        """Net liquidation, available funds, buying power, excess liquidity and margin cushion."""
        ...

    def base_currency(self, account: str) -> str | None: ...

    def fx(self, account: str, currency: str) -> Decimal | None:
        """What one unit of the currency is worth in the account's base currency."""
        ...

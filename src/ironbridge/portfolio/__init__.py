"""What the accounts hold, are worth and have made: the broker's numbers, and our own books beside them."""

from ironbridge.domain.account import PortfolioChanged
from ironbridge.portfolio.lookout import AccountLookout
from ironbridge.portfolio.portfolio import Portfolio
from ironbridge.portfolio.watch import Thresholds

__all__ = ["AccountLookout", "Portfolio", "PortfolioChanged", "Thresholds"]

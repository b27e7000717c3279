"""What the accounts hold and are worth, in the broker's own numbers."""

from ironbridge.domain.account import PortfolioChanged
from ironbridge.portfolio.portfolio import Portfolio

__all__ = ["Portfolio", "PortfolioChanged"]

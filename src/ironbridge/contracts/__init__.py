"""What an instrument is at the broker, and how it is written."""

from ironbridge.contracts.choice import choose
from ironbridge.contracts.notation import FORMS, format_instrument, parse_instrument
from ironbridge.contracts.resolver import Resolver

__all__ = ["FORMS", "Resolver", "choose", "format_instrument", "parse_instrument"]

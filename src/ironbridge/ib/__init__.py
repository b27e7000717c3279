"""Interactive Brokers over its socket API. The only package that knows ib_async."""

from ironbridge.ib.data import IbDataLink
from ironbridge.ib.gateway import IbGateway

__all__ = ["IbDataLink", "IbGateway"]

"""Prometheus metrics of one service, in a registry of its own.

What changes often is counted where it happens; what can be looked up (the session's state, orders by state) is read
when Prometheus asks, so that it can never disagree with the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of the service, and the page that Prometheus reads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Histogram(
            "ironbridge_http_request_seconds",
            "Time to answer a request.",
            ("operation", "status"),
            buckets=_LATENCIES,
            registry=self._registry,
        )
        self._streams = Gauge("ironbridge_stream_clients", "Open WebSockets.", ("stream",), registry=self._registry)
        self._messages = Counter(
            "ironbridge_stream_messages", "Messages sent over WebSockets.", ("stream",), registry=self._registry
        )
        self._slow = Counter(
            "ironbridge_stream_slow_clients",
            "WebSockets closed because their reader was too slow.",
            ("stream",),
            registry=self._registry,
        )

    def request(self, operation: str, status: int, seconds: float) -> None:
        """A request was answered; status 0 where its client went away before."""
        self._requests.labels(operation, str(status)).observe(seconds)

    def stream_opened(self, stream: str) -> None:
        self._streams.labels(stream).inc()

    def stream_closed(self, stream: str) -> None:
        self._streams.labels(stream).dec()

    def stream_sent(self, stream: str, count: int = 1) -> None:
        self._messages.labels(stream).inc(count)

    def stream_too_slow(self, stream: str) -> None:
        self._slow.labels(stream).inc()

    def watch(self, name: str, documentation: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """Show what `read` gives at the moment of asking, one value for each label."""
        self._registry.register(_Looked(name, documentation, label, read))

    def page(self) -> bytes:
        """Everything, in the Prometheus text format."""
        return generate_latest(self._registry)


class _Looked:
    """A metric that is looked up when it is asked for."""

    def __init__(self, name: str, documentation: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._name = name
        self._documentation = documentation
        self._label = label
        self._read = read

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._documentation, labels=[self._label] if self._label else [])
        for label, value in self._read().items():
            family.add_metric([label] if self._label else [], value)
        yield family

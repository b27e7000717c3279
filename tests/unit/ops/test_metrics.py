"""Metrics count what happens and look up what is."""

from __future__ import annotations

from ironbridge.ops.metrics import Metrics


def test_what_happens_is_counted() -> None:
    metrics = Metrics()
    metrics.request("get_order", 200, 0.003)
    metrics.stream_opened("orders")
    metrics.stream_sent("orders", 3)
    metrics.stream_too_slow("orders")
    page = metrics.page().decode()
    assert 'ironbridge_http_request_seconds_bucket{le="0.005",operation="get_order",status="200"} 1.0' in page
    assert 'ironbridge_stream_clients{stream="orders"} 1.0' in page
    assert 'ironbridge_stream_messages_total{stream="orders"} 3.0' in page
    metrics.stream_closed("orders")
    assert 'ironbridge_stream_clients{stream="orders"} 0.0' in metrics.page().decode()


def test_what_is_is_looked_up_when_it_is_asked_for() -> None:
    metrics, orders = Metrics(), {"working": 1.0}
    metrics.watch("ironbridge_orders", "Orders by state.", "state", lambda: orders)
    metrics.watch("ironbridge_upstream", "Reached.", "", lambda: {"": 1.0})
    assert 'ironbridge_orders{state="working"} 1.0' in metrics.page().decode()
    orders["working"] = 2.0
    page = metrics.page().decode()
    assert 'ironbridge_orders{state="working"} 2.0' in page
    assert "\nironbridge_upstream 1.0" in page


def test_two_services_in_one_process_do_not_meet() -> None:
    first, second = Metrics(), Metrics()
    first.stream_opened("orders")
    assert b'stream="orders"' not in second.page()

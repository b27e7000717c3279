"""What operators look at: logs, metrics, a probe of an address. Only here: structlog and prometheus_client."""

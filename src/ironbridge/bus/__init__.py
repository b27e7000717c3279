"""Events from the services to any number of readers."""

from ironbridge.bus.memory import MemoryTopic

__all__ = ["MemoryTopic"]

"""One router for each service of the bridge."""

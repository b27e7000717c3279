"""The JSON of the service: what comes in (strict) and what goes out. Built from domain objects in `api.views`."""

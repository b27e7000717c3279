"""Logging: one stream of structured lines, secrets taken out, each line with the ids of what it belongs to.

Modules log through the standard library; here their records become structlog events, as JSON for machines or in
columns for people. Secrets are removed last, whoever wrote them: by the name of their field, by their form in a text,
and by value where the value was announced.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

HIDDEN = "[hidden]"

_SECRET_NAMES = re.compile(r"token|password|passwd|secret|authorization|cookie|csrf|api_?key|credential", re.IGNORECASE)
_SECRET_FORMS = re.compile(r"(?i)(bearer\s+|[?&#](?:token|access_token|password)=|ironbridge_session=)[^\s&;,\"']+")


class Redactor:
    """Takes secrets out of an event.

    Parameters:
        values: secrets that are known by value.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = tuple(value for value in values if value)

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name in event:
            event[name] = HIDDEN if _SECRET_NAMES.search(name) else self._clean(event[name])
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._values:
                value = value.replace(secret, HIDDEN)
            return _SECRET_FORMS.sub(rf"\1{HIDDEN}", value)
        if isinstance(value, dict):
            return {k: HIDDEN if _SECRET_NAMES.search(str(k)) else self._clean(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(one) for one in value]
        return value


def configure_logging(
    *, level: str = "INFO", json: bool = False, stream: TextIO | None = None, secrets: Iterable[str] = ()
) -> None:
    """Send every log record of this process through here. Called once, by whoever owns the process.

    Parameters:
        level: the lowest level of Ironbridge's own records that is shown; libraries are shown from WARNING on.
        json: one JSON object on each line instead of columns.
        stream: where to; stderr where it is left out.
        secrets: values that must never be written.
    """
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = (
        [structlog.processors.format_exc_info, Redactor(secrets), structlog.processors.JSONRenderer(_dumps)]
        if json
        else [
            structlog.processors.format_exc_info,
            Redactor(secrets),
            structlog.dev.ConsoleRenderer(colors=target.isatty()),
        ]
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("ironbridge").setLevel(level.upper())


@contextmanager
def correlated(**ids: str) -> Iterator[None]:
    """Every record within the block, and in tasks begun there, carries these ids."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def _dumps(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

"""Prints the OpenAPI document of the service, starting nothing: ``python -m ironbridge.api.openapi``.

The console's client is generated from it, and the checks compare what is generated with what is in the repository.
"""

from __future__ import annotations

import sys

import orjson

from ironbridge.api.app import describe


def document() -> bytes:
    """The document as indented JSON, the same bytes for the same code."""
    return orjson.dumps(describe().openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    sys.stdout.buffer.write(document())

"""The command line. Each command is a module of its own and imports what it needs when it is run."""

from __future__ import annotations


def main() -> None:
    """The entry point of `ironbridge`."""
    from ironbridge.cli.app import run_app

    run_app()

"""`ironbridge token`: print the access token."""

from __future__ import annotations

import typer

from ironbridge.cli.exits import ServiceAbsent
from ironbridge.cli.service import HomeOption, home_of, read_token

EXAMPLES = """\
TOKEN=$(ironbridge token)
curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/api/v1/ib/connection/status
"""


def token(*, home: HomeOption = None) -> None:
    """Print the access token of this home, for programs and for signing in to the console."""
    folder = home_of(home)
    try:
        typer.echo(read_token(folder))
    except FileNotFoundError:
        raise ServiceAbsent(
            f"{folder} has no access token yet.", next_step="`ironbridge run` makes it at its first start."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ServiceAbsent(
            f"The access token in {folder} cannot be read: {error}.", next_step="Mend the file's permissions."
        ) from error

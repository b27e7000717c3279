"""A command without a running service: an engine of its own on the same home, for as long as the command takes.

The command speaks to it as it would to a running service, over the same REST, so that it does the same thing either
way; and since the home is the same, a key that was used is the same order. It opens a session of its own: where another
process owns the client id, it is told so and sends nothing. A home where nothing has run and no gateway is named is
more likely a slip than a wish, and gets no engine.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ironbridge.cli.exits import ServiceAbsent, warn
from ironbridge.cli.service import Service, find_service, home_of

if TYPE_CHECKING:
    from ironbridge.settings import Settings


@contextmanager
def service_or_own(home: Path | None, url: str | None, token: str | None, program: str) -> Iterator[Service]:
    """The running service that is meant, or one of this command's own where none runs on the home.

    Parameters:
        home, url, token: as `find_service` takes them.
        program: who this is, in words for other processes.

    Raises:
        ConnectFailed: no session could be opened; nothing was sent.
        HomeInUse: another process owns the client id.
    """
    try:
        found = find_service(home, url, token)
    except ServiceAbsent:
        if url is not None:
            raise
        from ironbridge.bootstrap import DATABASE_FILE

        settings = _settings(home_of(home))
        if settings.host is None and not (settings.home / DATABASE_FILE).exists():
            raise
        where = "the paper gateway of that home" if settings.host is None else f"{settings.host}:{settings.port}"
        warn(f"No service runs on {settings.home}: this command opens a session of its own with {where}, and ends it.")
        with _own(settings, program) as own:
            yield own
    else:
        yield found


def _settings(home: Path) -> Settings:
    from ironbridge.settings import load_settings

    return load_settings({"home": home, "http_host": "127.0.0.1", "http_port": 0})


@contextmanager
def _own(settings: Settings, program: str) -> Iterator[Service]:
    ready: Future[tuple[Service, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=_serve, args=(settings, program, ready), name="own engine")
    thread.start()
    try:
        service, loop, stop = ready.result()
        try:
            yield service
        finally:
            loop.call_soon_threadsafe(stop.set)
    finally:
        thread.join()


def _serve(
    settings: Settings, program: str, ready: Future[tuple[Service, asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    try:
        asyncio.run(_engine(settings, program, ready))
    # Whatever ended it belongs to the command that waits: it is raised there.
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _engine(
    settings: Settings, program: str, ready: Future[tuple[Service, asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    from ironbridge.api.serve import listen, serving
    from ironbridge.api.service import make_service
    from ironbridge.bootstrap import open_bridge

    async with AsyncExitStack() as stack:
        listener = listen(settings.http_host, settings.http_port)
        stack.callback(listener.close)
        bridge = await stack.enter_async_context(open_bridge(settings, program=program))
        app, token = make_service(bridge)
        address = await stack.enter_async_context(serving(app, listener))
        stop = asyncio.Event()
        ready.set_result((Service(address.url, token), asyncio.get_running_loop(), stop))
        await stop.wait()

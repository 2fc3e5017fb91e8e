"""``aetui --serve``: the same UI in a browser of this machine (or through an SSH tunnel), by textual-serve.

Whoever has the URL can start trainings: it listens on 127.0.0.1 alone, and every request needs the token of the URL,
which becomes a cookie. A page of another site can neither read it nor send it (``SameSite=Strict``), nor reach the
server under a name of its own (the ``Host`` header has to be of this machine).
"""

from __future__ import annotations

import asyncio
import copy
import hmac
import logging
import os
import secrets
import shlex
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from export.errors import ExitCode, ToolError

HOST = "127.0.0.1"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_COOKIE = "aetui-token"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TokenServer(Server):
    """textual-serve's server behind a token. on_ready: called with the URL to open once it listens."""

    def __init__(self, command: str, port: int, token: str, on_ready: Callable[[str], None]) -> None:
        super().__init__(command, host=HOST, port=port, title="aetui")
        self._signal = 0
        self._token = token
        self._on_ready = on_ready

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard())
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Nothing: textual-serve would greet, before it listens."""

    def run(self) -> int:
        """Serve until a signal comes. Returns its number; 0 where it ended by itself."""
        logging.getLogger("textual-serve").setLevel(logging.ERROR)  # the terminal is for the URL
        loop = asyncio.new_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, number)
        url = f"{self.public_url}/?token={self._token}"
        # run_app calls its print once it listens.
        web.run_app(
            self._make_app(),
            host=self.host,
            port=self.port,
            handle_signals=False,
            loop=loop,
            print=lambda *_: self._on_ready(url),
        )
        return self._signal

    def _end(self, number: int) -> None:
        self._signal = number
        self.request_exit()

    async def handle_index(self, request: web.Request) -> Any:
        """The page, with the address under which it was asked for: a tunnel has a port of its own."""
        here = copy.copy(self)
        here.public_url = f"http://{request.host}"
        return await Server.handle_index(here, request)

    def _guard(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.host.rpartition(":")[0] not in _LOOPBACK and request.host not in _LOOPBACK:
                raise web.HTTPForbidden(text="aetui answers to 127.0.0.1 and localhost alone")
            if request.path == "/" and self._is_ours(request.query.get("token", "")):
                answer = web.HTTPFound("/")
                answer.set_cookie(_COOKIE, self._token, httponly=True, samesite="Strict", path="/")
                raise answer
            if not self._is_ours(request.cookies.get(_COOKIE, "")):
                raise web.HTTPForbidden(text="open the URL that aetui --serve printed, with its token")
            response = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = _POLICY
                response.headers["Referrer-Policy"] = "no-referrer"
            return response

        return guard

    def _is_ours(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())


def serve(arguments: Sequence[str], port: int) -> int:
    """Serve ``aetui arguments`` until a signal. port: 0 takes a free one. Returns the exit code.

    Prints the URL on stdout. Raises ToolError (exit 4) where the port is taken.
    """
    command = shlex.join([sys.executable, "-m", "aetui.cli", *arguments])
    os.environ["PYTHONUTF8"] = "1"  # of the apps that are started: their output is a pipe, not a terminal
    number = TokenServer(command, _free(port), secrets.token_urlsafe(24), _announce).run()
    return 128 + number if number else ExitCode.OK


def _announce(url: str) -> None:
    port = url.rpartition(":")[2].partition("/")[0]
    print(url, flush=True)
    print(
        f"open this in a browser here; from elsewhere first: ssh -L {port}:{HOST}:{port} THIS-MACHINE\n"
        "whoever has the URL can see the runs and start trainings; Ctrl-C ends it",
        file=sys.stderr,
        flush=True,
    )


def _free(port: int) -> int:
    """``port`` where nobody listens on it, a free one for 0."""
    try:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((HOST, port))
            return int(tried.getsockname()[1])
    except OSError as error:
        raise ToolError(
            f"port {port} of {HOST} cannot be used",
            why=error.strerror or str(error),
            do="aetui --serve --port 0   takes a free one",
            exit_code=ExitCode.BUSY,
        ) from error

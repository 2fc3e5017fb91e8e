"""A running engine process and the socket to it: spawning, one exchange at a time, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from aetui.engine.protocol import PREFIX, Arrays, ProtocolError, sizes, unpack
from export import atomic
from export.errors import from_os_error

Reply = tuple[dict[str, Any], Arrays]
Pieces = list[bytes | memoryview]


class Line:
    """A running child and the socket to it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log_bytes: int,
    ) -> None:
        self.process = process
        self.log_bytes = log_bytes
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, provider: str, log: Path | None) -> Line:
        """Start a child that opens models with ``provider`` and prints into ``log``. Raises ToolError."""
        ours, theirs = socket.socketpair()
        log_bytes = log.stat().st_size if log is not None and log.exists() else 0
        try:
            process = _spawn(theirs.fileno(), provider, log)
        except OSError as error:
            ours.close()
            raise from_os_error(error) from error
        finally:
            theirs.close()
        try:
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            ours.close()  # the child ends with its line
            raise
        return cls(process, reader, writer, log_bytes)

    def is_alive(self) -> bool:
        """False once the child has ended, or has closed its end."""
        return self.process.poll() is None and not self._reader.at_eof()

    async def exchange(self, frame: Pieces, number: int) -> Reply:
        """Send request ``number`` and wait for its answer. Raises ProtocolError, EOFError, OSError."""
        for piece in frame:
            self._writer.write(piece)
        await self._writer.drain()
        reply = await self.receive()
        if reply[0].get("id") != number:
            raise ProtocolError("the answer is to another request")
        return reply

    async def receive(self) -> Reply:
        """What the child says next. Raises ProtocolError, EOFError, OSError."""
        header_bytes, body_bytes = sizes(await self._reader.readexactly(PREFIX.size))
        text = await self._reader.readexactly(header_bytes)
        return unpack(text, await self._reader.readexactly(body_bytes))

    async def close(self) -> None:
        """End the child, whatever it does (stopped ones too), and wait for it."""
        self._writer.close()
        self.process.kill()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        await asyncio.get_running_loop().run_in_executor(None, self.process.wait)


def _spawn(descriptor: int, provider: str, log: Path | None) -> subprocess.Popen[bytes]:
    """Its own session, so that Ctrl-C in the terminal does not reach it; its output never reaches the terminal."""
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", "aetui.engine.child"]
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC) if log is None else atomic.open_log(log)
    try:
        return subprocess.Popen(
            [*command, "--socket", str(descriptor), "--provider", provider],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(descriptor,),
            start_new_session=True,
        )
    finally:
        os.close(output)


def last_line(log: Path | None, start: int) -> str:
    """The end of what a child wrote to the log from ``start`` on: why it died."""
    if log is None:
        return ""
    try:
        with open(log, "rb") as file:
            file.seek(max(start, os.fstat(file.fileno()).st_size - 4096))
            written = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(written) if line.strip()), "")[:300]

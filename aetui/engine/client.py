"""The engine as the screens see it: reconstructions, codes and decodings of a bundle, from a child process.

    engine = Engine(provider="auto", log=Path(...))
    await engine.start()                               # optional: the first request starts it as well
    answer = await engine.reconstruct(folder, images)  # float32 [n, C, H, W] in [0, 1]
    answer.arrays["reconstruction"], answer.arrays["code"], answer.step, answer.provider_text, answer.seconds
    await engine.encode(folder, images)                # arrays: every head by name, and code [n, d]
    await engine.decode(folder, latent)                # float32 [n, d] → arrays: reconstruction
    await engine.stop()

Every failure is a ToolError: of the bundle (exit code 3), of the request (2), of the child (1: it crashed or hung; the
next request starts a new one). One request runs at a time, later ones wait; a caller that is cancelled while it waits
is never sent, so a slider may cancel and ask again as often as it likes. Imports no onnxruntime.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aetui.engine.line import Line, Pieces, Reply, last_line
from aetui.engine.protocol import ProtocolError, pack
from export.errors import ExitCode, ToolError


@dataclass(frozen=True, kw_only=True)
class Answer:
    """arrays: float32, by output name, read-only. step: of the weights that answered.

    provider_text: ``CUDA`` or ``CPU: why``. seconds: what the child needed, without the wait.
    """

    arrays: dict[str, npt.NDArray[np.float32]]
    step: int
    provider_text: str
    seconds: float


class Engine:
    """One child process and the line to it. provider: ``auto``, ``cuda`` or ``cpu``.

    log: takes what the child prints (None: nothing does). timeout_s: how long a start or a request may take before
    the child counts as hung; loading CUDA takes seconds. Belongs to one event loop.
    """

    def __init__(self, provider: str = "auto", log: Path | None = None, *, timeout_s: float = 30.0) -> None:
        self._provider = provider
        self._log = log
        self._timeout_s = timeout_s
        self._line: Line | None = None
        self._turn = asyncio.Lock()
        self._requests = 0
        self._under_way: set[asyncio.Task[Answer]] = set()

    @property
    def pid(self) -> int | None:
        """The child's process number; None where there is none now."""
        return None if self._line is None else self._line.process.pid

    async def start(self) -> None:
        """Start the child where there is none. Raises ToolError (exit 1) where it cannot start."""
        async with self._turn:
            await self._connected()

    async def stop(self) -> None:
        """End the child; what is under way fails. A later request starts it again."""
        while self._line is not None or self._under_way:  # a request may be about to start the child
            line, self._line = self._line, None
            if line is not None:
                await line.close()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def reconstruct(self, folder: Path, images: npt.ArrayLike) -> Answer:
        """images: float32 [n, C, H, W] in [0, 1] → arrays ``code`` [n, d] and ``reconstruction`` [n, C, H, W]."""
        return await self._ask("reconstruct", folder, "images", images)

    async def encode(self, folder: Path, images: npt.ArrayLike) -> Answer:
        """images: float32 [n, C, H, W] in [0, 1] → every head by its name, and the first again as ``code``."""
        return await self._ask("encode", folder, "images", images)

    async def decode(self, folder: Path, latent: npt.ArrayLike) -> Answer:
        """latent: float32 [n, d] → array ``reconstruction`` [n, C, H, W] in [0, 1]."""
        return await self._ask("decode", folder, "latent", latent)

    async def _ask(self, kind: str, folder: Path, name: str, array: npt.ArrayLike) -> Answer:
        self._requests += 1
        number = self._requests
        frame = _frame({"kind": kind, "id": number, "folder": os.fspath(folder.absolute())}, name, array)
        await self._turn.acquire()
        # From here on the exchange runs to its end even if the caller is cancelled: the answer has to be read.
        task = asyncio.get_running_loop().create_task(self._exchange(frame, number, f"{kind} of {folder}"))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Answer]) -> None:
        self._under_way.discard(task)
        self._turn.release()
        if not task.cancelled():
            task.exception()  # seen: the caller may be gone

    async def _exchange(self, frame: Pieces, number: int, doing: str) -> Answer:
        line = await self._connected()
        reply, results = await self._guarded(line, line.exchange(frame, number), doing)
        if reply.get("kind") == "error":
            raise ToolError(
                str(reply["what"]), why=str(reply["why"]), do=str(reply["do"]), exit_code=ExitCode(reply["exit_code"])
            )
        return Answer(
            arrays=results,
            step=int(reply["step"]),
            provider_text=str(reply["provider"]),
            seconds=float(reply["seconds"]),
        )

    async def _connected(self) -> Line:
        if self._line is not None and not self._line.is_alive():
            line, self._line = self._line, None
            await line.close()
        if self._line is None:
            self._line = await Line.open(self._provider, self._log)
            await self._guarded(self._line, self._line.receive(), "start")
        return self._line

    async def _guarded(self, line: Line, talk: Coroutine[Any, Any, Reply], doing: str) -> Reply:
        """What ``talk`` gives. Where the child dies, hangs or babbles: it is ended, and a ToolError says so."""
        try:
            return await asyncio.wait_for(talk, self._timeout_s)
        except TimeoutError:
            what, why = "the engine process hung", f"no answer to {doing} within {self._timeout_s:g} s"
        except (asyncio.IncompleteReadError, ConnectionError):
            what, why = "the engine process died", f"during {doing}"
        except ProtocolError as error:
            what, why = "the engine process sent nonsense", str(error)
        except BaseException:
            await self._drop(line)
            raise
        await self._drop(line)
        status = line.process.returncode
        if what.endswith("died"):
            why += f": signal {-status}" if status and status < 0 else f": exit status {status}"
        last = last_line(self._log, line.log_bytes)
        raise ToolError(
            what,
            why=why + (f"; its last words: {last}" if last else ""),
            do="go on: the next request starts it again" + (f"; its log is {self._log}" if self._log else ""),
            exit_code=ExitCode.FAILED,
        )

    async def _drop(self, line: Line) -> None:
        if self._line is line:
            self._line = None
        await line.close()


def _frame(header: dict[str, Any], name: str, array: npt.ArrayLike) -> Pieces:
    try:
        return pack(header, {name: np.ascontiguousarray(array, dtype=np.float32)})
    except ProtocolError as error:
        raise ToolError(
            "too much for one request to the engine", why=str(error), do="ask for fewer at a time"
        ) from error

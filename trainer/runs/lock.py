"""One trainer per run: a lock that the kernel releases when its holder dies."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

from export.errors import ExitCode, ToolError
from trainer.runs.folder import RunFolder


@contextlib.contextmanager
def lock_run(run: RunFolder) -> Iterator[None]:
    """Hold ``run`` for the length of the block. Raises ToolError (exit 4) naming the holder where it is held."""
    import fcntl

    descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            raise ToolError(
                f"run {run.name} is busy",
                why=f"another trainer holds it{f' ({holder})' if holder else ''}",
                do=f"wait for it, or: aetrain stop {run.path}",
                exit_code=ExitCode.BUSY,
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        os.close(descriptor)

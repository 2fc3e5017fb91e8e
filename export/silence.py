"""Nothing that a library prints reaches the screen, written in C or in Python. Standard library only."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import threading
from collections.abc import Iterator

_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Whatever this process writes to stdout or stderr in the block is lost, on the level of file descriptors too.

    onnxruntime writes to fd 2 when it is imported (a processor it does not know) and when CUDA does not start, before
    and beside the logger whose severity can be set. Keep the block short: other threads are not heard, either.
    """
    with _ONE_AT_A_TIME, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()  # type: ignore[union-attr]
        with contextlib.ExitStack() as restored:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            restored.callback(os.close, nowhere)
            for descriptor in (1, 2):
                with contextlib.suppress(OSError):  # closed: nothing can be heard of it
                    kept = os.dup(descriptor)
                    restored.callback(os.close, kept)
                    restored.callback(os.dup2, kept, descriptor)
                    os.dup2(nowhere, descriptor)
            restored.callback(_flush_c)
            yield


def _flush_c() -> None:
    """What C still holds back would come out later."""
    if sys.platform != "win32":
        ctypes.CDLL(None).fflush(None)

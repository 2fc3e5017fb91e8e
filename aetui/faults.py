"""A fault of the app's own: three lines for the user, the traceback for who mends it."""

from __future__ import annotations

import contextlib
import os
import time
import traceback

from aetui.places import log_file
from export.errors import ExitCode, ToolError


def report(error: BaseException) -> ToolError:
    """Append the traceback to ``aetui.log`` in the user's state folder. Returns what to tell the user."""
    path = log_file(os.environ, "aetui.log")
    if path is not None:
        with contextlib.suppress(OSError), path.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{''.join(traceback.format_exception(error))}\n")
    first_line = next(iter(str(error).splitlines()), "")
    return ToolError(
        f"aetui failed: {type(error).__name__}: {first_line}".rstrip(": "),
        why=f"a fault of the program; its traceback is in {path}" if path else "a fault of the program",
        do="start aetui again (trainings go on); aetui --debug shows the traceback here",
        exit_code=ExitCode.FAILED,
    )

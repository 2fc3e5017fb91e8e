"""What stands where there is nothing to see, and what to do about it. Texts of several lines,
which ``harmless`` makes fit for the screen."""

from __future__ import annotations

from aetui.follow.entries import Entry
from aetui.terminal.outside_text import plain
from export.errors import ToolError

NO_RUN = "no run yet: press 1, then n, or aetrain fit"

_OVER = ("finished", "stopped", "failed", "stale")


def no_model(entry: Entry) -> str:
    """Of a run without graphs: those that train write them by themselves, of others a bundle can be made."""
    if entry.state == "unreadable":
        return f"{entry.name} cannot be read" + (f"\n{entry.error}" if entry.error else "")
    if entry.state in _OVER:
        return f"{entry.name}: no model to look at\nfrom its last checkpoint: aetrain export {entry.path}"
    return f"{entry.name}: no model to look at yet; a run writes its first one within seconds"


def failure(error: ToolError) -> str:
    """What happened, why, and what to do, a line each."""
    return f"{error.what}\n{error.why}\n{error.do}"


def harmless(text: str, limit: int | None = None, *, unicode: bool) -> str:
    """``text`` with controls made visible, line by line, each at most ``limit`` cells wide."""
    return "\n".join(plain(line, limit, unicode=unicode) for line in text.split("\n"))

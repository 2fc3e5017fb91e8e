"""The one error that users see: what happened, why, and what to do about it."""

from __future__ import annotations

import difflib
import errno
import unicodedata
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status means; 128 + n is death by signal n."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DAMAGED = 3
    BUSY = 4
    NO_SPACE = 5


class ToolError(Exception):
    """Something that the user can understand and act on.

    what: the fact, with the value and the path. why: the cause. do: what to do, a command where there is one.
    exit_code: the status with which a command ends that meets it.
    """

    def __init__(self, what: str, *, why: str, do: str, exit_code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.do = do
        self.exit_code = exit_code

    def __str__(self) -> str:
        return "\n".join(
            f"{label:<7}{visible(text)}"
            for label, text in (("error:", self.what), ("why:", self.why), ("do:", self.do))
        )


def visible(text: str) -> str:
    """``text`` with everything that could drive a terminal made visible and harmless.

    C0 controls become their Unicode pictures (ESC → ␛); C1, bidi and other format characters, surrogates and
    unassigned ones become ``<U+XXXX>``. The result is one line.
    """
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0x7F:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"<U+{code:04X}>"
    return character


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that ``word`` was probably meant to be, or None."""
    found = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    return found[0] if found else None


def unknown(kind: str, word: str, choices: Iterable[str], *, do: str | None = None) -> ToolError:
    """The error for a name that is none of ``choices``: it names the nearest, or all of them."""
    choices = list(choices)
    guess = nearest(word, choices)
    return ToolError(
        f"unknown {kind} {word!r}",
        why=f"the {kind}s are: {', '.join(choices)}" if choices else f"there is no {kind}",
        do=(do or (f"did you mean {guess!r}?" if guess else "use one of these")),
    )


def from_os_error(error: OSError) -> ToolError:
    """An operating system's refusal as a ToolError: exit code 5 where space ran out, else 1."""
    path = f" {error.filename}" if error.filename else ""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ToolError(
            f"no space left{f' for{path}' if path else ''}",
            why=reason,
            do="free some space, then do the same again; what was written before is whole",
            exit_code=ExitCode.NO_SPACE,
        )
    return ToolError(
        f"the system refused{path}: {reason}",
        why=f"{type(error).__name__} (errno {error.errno})",
        do="check the path, its permissions and the disk, then try again",
        exit_code=ExitCode.FAILED,
    )

"""``config.toml`` of the UI: what the user wants every time. Flags of the command line come before it."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from export.errors import ExitCode, ToolError, nearest

THEMES = ("auto", "dark", "light", "contrast", "ansi", "ansi-light")
RENDERS = ("auto", "half", "truecolor", "gray", "ascii")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What ``config.toml`` may say, each with its default."""

    theme: str = "auto"
    """One of ``THEMES``; auto: dark, and 16 colours where the terminal has no more."""

    render: str = "auto"
    """As ``--render``: one of ``RENDERS``."""

    mouse: bool = True
    """False leaves the mouse to the terminal, as ``--no-mouse`` does."""

    smoothing: float = 0.0
    """Weight of the moving average of curves to begin with, in [0, 1); 0 shows them raw."""

    log_y: bool = False
    """Curves begin with a logarithmic y axis."""

    kb_per_s: int = 0
    """Moving pictures take at most so many KB/s, as ``--kb-per-s``; 0: as many as the link is seen to take."""

    save_dir: str = "."
    """Where ``s`` and ``S`` put their files."""

    remember: bool = True
    """Keep the state of the screens per folder of runs."""


CHOICES: dict[str, tuple[str, ...]] = {"theme": THEMES, "render": RENDERS}


def read_settings(path: Path | None) -> Settings:
    """The settings of ``path``; where there is no such file, the defaults. Raises ToolError (exit 2)."""
    if path is None or not path.exists():
        return Settings()
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, "cannot be read", str(error), "mend the file, or move it away") from error
    return Settings(**{name: _checked(path, name, value) for name, value in found.items()})


def _checked(path: Path, name: str, value: Any) -> Any:
    defaults = {field.name: field.default for field in fields(Settings) if field.default is not MISSING}
    if name not in defaults:
        guess = nearest(name, tuple(defaults))
        do = f"did you mean {guess}?" if guess else f"known: {', '.join(defaults)}"
        raise _wrong(path, f"has an unknown key {name!r}", "every key has to mean something", do)
    wanted: type = type(defaults[name])
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        names = {bool: "true or false", float: "a number", int: "a whole number", str: "a text"}
        raise _wrong(path, f"has {name} = {value!r}", f"it is {names[wanted]}", f"{name} = {_toml(defaults[name])}")
    choices = CHOICES.get(name)
    if choices and value not in choices:
        raise _wrong(path, f"has {name} = {value!r}", f"it is one of {', '.join(choices)}", f"{name} = {choices[0]!r}")
    if isinstance(value, float) and not 0 <= value < 1:
        raise _wrong(path, f"has {name} = {value!r}", "it is at least 0 and below 1", "smoothing = 0.9")
    if type(value) is int and value < 0:
        raise _wrong(path, f"has {name} = {value!r}", "it is at least 0", f"{name} = 100")
    return value


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _wrong(path: Path, what: str, why: str, do: str) -> ToolError:
    return ToolError(f"{path} {what}", why=why, do=do, exit_code=ExitCode.USAGE)

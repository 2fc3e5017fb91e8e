"""``aetui``: parses a handful of flags and opens the UI. Imports no textual, onnxruntime or torch."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from export.errors import ExitCode, ToolError, from_os_error

if TYPE_CHECKING:
    from aetui.terminal.recording import Recording

DESCRIPTION = "Look at training runs and exported models in the terminal."
EPILOG = """keys: 1-7 choose the screen, ? lists all keys, q leaves (trainings go on).
with no terminal on stdout it prints one plain frame, as --once does."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in our three lines."""

    def error(self, message: str) -> NoReturn:
        raise ToolError(message, why="aetui takes RUN, DIR or BUNDLE and the flags of --help", do="aetui --help")


def parser() -> argparse.ArgumentParser:
    """The flags of ``aetui``."""
    made = _Parser(
        prog="aetui",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("paths", nargs="*", metavar="RUN|DIR|BUNDLE", help="what to look at; default: all of --runs-dir")
    made.add_argument("--runs-dir", type=Path, default=Path("runs"), help="folder that holds the runs (default: runs)")
    made.add_argument(
        "--provider", choices=("auto", "cuda", "cpu"), default="auto", help="what models run on; cuda: that or nothing"
    )
    made.add_argument(
        "--render",
        choices=("auto", "half", "truecolor", "gray", "ascii"),
        default=None,
        help="how pictures are drawn: half blocks, in exact colours, gray characters, plain ASCII (default: auto)",
    )
    made.add_argument("--ascii", action="store_true", help="ASCII alone, frames and curves too (as --render ascii)")
    made.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal (the key m takes it)")
    made.add_argument(
        "--kb-per-s",
        type=int,
        metavar="N",
        help="moving pictures take at most N KB/s: inside tmux nobody tells what the link takes (default: no limit)",
    )
    made.add_argument("--once", action="store_true", help="print one frame as plain text and leave")
    made.add_argument(
        "--serve", action="store_true", help="show it in a browser, on 127.0.0.1, with a token in the URL"
    )
    made.add_argument("--port", type=int, help="where --serve listens; 0: any free port (default: 8000)")
    made.add_argument(
        "--record",
        type=Path,
        metavar="FILE.cast",
        help="record what is shown, for asciinema play; what is typed is not recorded",
    )
    made.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return made


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run ``aetui`` and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = run(arguments)
    except (ToolError, OSError) as error:
        if "--debug" in arguments:
            raise
        code = _report(error)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Do what ``arguments`` say. Returns the exit code. Raises ToolError, OSError."""
    asked = parser().parse_args(arguments)
    _check(asked)
    from aetui.follow.sources import resolve_sources
    from aetui.places import settings_file, state_folder
    from aetui.settings import read_settings

    settings = read_settings(settings_file(os.environ))
    sources = resolve_sources(asked.paths, asked.runs_dir)
    render = "ascii" if asked.ascii else asked.render or settings.render
    if asked.provider == "cuda":
        _insist_on_cuda()
    if asked.serve:
        from aetui.serve import serve

        return serve(_without_serve(arguments), 8000 if asked.port is None else asked.port)
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if asked.record is not None and (in_browser or not sys.stdout.isatty()):
        raise _nothing_to_record("without a terminal")
    if asked.once or not (in_browser or sys.stdout.isatty()):
        return _once(sources, asked.provider, render)
    if not in_browser and os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise ToolError(
            f"this terminal cannot show aetui (TERM={os.environ.get('TERM', '')})",
            why="it cannot move its cursor",
            do="aetui --once   prints one frame as plain text",
        )
    # A moved cross-hair and then its picture: of two frames the second need not wait 33 ms.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")  # a page that glides costs a slow link dozens of frames
    if not in_browser and (sys.stdin is None or not sys.stdin.isatty()):
        raise ToolError(
            "aetui cannot read keys", why="its standard input is no terminal", do="aetui < /dev/tty   or: aetui --once"
        )
    if not in_browser:
        _forget_exported_size()
    gc.disable()  # while modules load it looks at everything and finds nothing; the app turns it on again
    from aetui.app import AetuiApp
    from aetui.terminal.line_mode import line_mode_kept
    from aetui.view_state import state_path

    recording = None if asked.record is None else _recording(asked.record)
    folder = state_folder(os.environ)
    mouse = settings.mouse and not asked.no_mouse
    kb_per_s = settings.kb_per_s if asked.kb_per_s is None else asked.kb_per_s
    app = AetuiApp(
        sources,
        provider=asked.provider,
        render=render,
        settings=replace(settings, mouse=mouse, kb_per_s=kb_per_s),
        state_file=None if folder is None else state_path(folder, sources.subject()),
        debug=asked.debug,
        recording=recording,
    )
    try:
        with line_mode_kept():
            code = app.run(mouse=mouse)
    finally:
        if recording is not None:
            recording.close()
    if app.fault is not None:
        raise app.fault
    if recording is not None and recording.error is not None:
        raise recording.error
    return app.return_code or code or ExitCode.OK


def _check(asked: argparse.Namespace) -> None:
    """Raises ToolError (exit 2) where flags do not go together: one without effect is an error."""
    if asked.port is not None and not asked.serve:
        raise ToolError("--port without --serve", why="only --serve listens on a port", do="aetui --serve --port 8000")
    if asked.port is not None and not 0 <= asked.port < 65536:
        raise ToolError(f"--port {asked.port}", why="a port is 0 (any free one) to 65535", do="aetui --serve --port 0")
    if asked.kb_per_s is not None and asked.kb_per_s < 0:
        do = "--kb-per-s 100   or 0: no limit"
        raise ToolError(f"--kb-per-s {asked.kb_per_s}", why="so many KB/s cannot be sent", do=do)
    if asked.kb_per_s is not None and (asked.serve or asked.once):
        when = "--serve" if asked.serve else "--once"
        raise ToolError(f"--kb-per-s with {when}", why="it is for pictures in a terminal", do="leave one out")
    if asked.serve and asked.once:
        raise ToolError("--serve with --once", why="one shows it in a browser, one prints and leaves", do="choose one")
    if asked.record is not None and (asked.serve or asked.once):
        raise _nothing_to_record("with --serve" if asked.serve else "with --once")
    if asked.ascii and asked.render not in (None, "ascii"):
        raise ToolError(f"--ascii with --render {asked.render}", why="--ascii is --render ascii", do="leave one out")


def _nothing_to_record(when: str) -> ToolError:
    do = "aetui --record FILE.cast   in a terminal"
    return ToolError(f"--record {when}", why="it records what a terminal is shown", do=do)


def _recording(path: Path) -> Recording:
    from aetui.terminal.recording import Recording

    return Recording(path, shutil.get_terminal_size(), os.environ)


def _without_serve(arguments: list[str]) -> list[str]:
    """The arguments of the app in the browser: all but ``--serve`` and ``--port``."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument not in ("--serve", "--port") and not argument.startswith("--port="):
            kept.append(argument)
        skip = argument == "--port" and not skip
    return kept


def _once(sources: object, provider: str, render: str) -> int:
    from aetui.follow.sources import Sources
    from aetui.once import print_once
    from aetui.terminal.capabilities import capabilities

    assert isinstance(sources, Sources)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    unicode = capabilities(os.environ, sys.stdout.encoding).unicode and render != "ascii"
    print_once(sources, sys.stdout, width=width, unicode=unicode, provider=provider)
    sys.stdout.flush()
    return ExitCode.OK


def _forget_exported_size() -> None:
    """A terminal that tells its size is believed: an exported COLUMNS stays as it is when the window changes."""
    with contextlib.suppress(OSError):
        if all(os.get_terminal_size(sys.stdout.fileno())):
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)


def _insist_on_cuda() -> None:
    """Raises ToolError (exit 3) where there is no CUDA. Asked in a process of its own: finding out loads libraries."""
    question = "import export.cuda; print(export.cuda.why_not_cuda() or '')"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    reason = answer.stdout.strip() if answer.returncode == 0 else "the check ended badly; run aetrain doctor"
    if reason:
        from export.doctor import cuda_refused

        raise cuda_refused(reason)


def _report(error: ToolError | OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of our output has left; nothing more can reach it, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.OK
    shown = from_os_error(error) if isinstance(error, OSError) else error
    print(shown, file=sys.stderr)
    return shown.exit_code


if __name__ == "__main__":
    main()

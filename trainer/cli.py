"""``aetrain``: the commands, each loaded when it is called, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from export.errors import ExitCode, ToolError, from_os_error, unknown

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = {
    "fit": ("trainer.commands.fit:fit", "Train autoencoders, one run per variant; without a variant all of them."),
    "sweep": ("trainer.commands.sweep:sweep", "Train a grid of runs: any option of fit may have several values."),
    "resume": ("trainer.commands.resume:resume", "Go on with a run from its newest whole checkpoint."),
    "stop": ("trainer.commands.control:stop", "Ask a run's trainer to stop at the next step, with a checkpoint."),
    "pause": ("trainer.commands.control:pause", "Ask a run's trainer to write a checkpoint and wait."),
    "unpause": ("trainer.commands.control:unpause", "Let a paused run go on."),
    "runs": ("trainer.commands.runs:runs", "List the runs: variant, data, state, epoch, loss, device."),
    "eval": ("trainer.commands.evaluate:evaluate", "Score runs on their test images."),
    "export": ("trainer.commands.export:export", "Write and verify an ONNX bundle per run."),
    "verify": ("trainer.commands.verify:verify", "Check a bundle: hashes, graphs, self-test."),
    "encode": ("trainer.commands.encode:encode", "Write the codes of images, with a bundle."),
    "decode": ("trainer.commands.decode:decode", "Write the images that codes stand for."),
    "reconstruct": ("trainer.commands.reconstruct:reconstruct", "Reconstruct images, and say how large the error is."),
    "denoise": ("trainer.commands.denoise:denoise", "Take the noise off images."),
    "sample": ("trainer.commands.sample:sample", "Make new images from random codes."),
    "interpolate": ("trainer.commands.interpolate:interpolate", "Walk from image to image through the latent space."),
    "score": ("trainer.commands.score:score", "Rank images by how unusual they are to a model."),
    "data": ("trainer.commands.data:data", "List the data sets and where each is; fetch one."),
    "doctor": ("trainer.commands.doctor:doctor", "What torch and onnxruntime really use on this machine, and why."),
}
"""Each command's function, imported when it is called, and its line in the list of them."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Read by OpenMP when torch is imported. Threads that wait by spinning bring each other to a crawl as soon as
    # another process wants a core, and the longer they spin, the worse; threads that soon sleep take longer to wake
    # than a small operation takes. This is about as long as the gaps between the operations of a small network's step.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    debug = "--debug" in arguments
    try:
        code = run([argument for argument in arguments if argument != "--debug"])
    except (ToolError, OSError, KeyboardInterrupt) as error:
        if debug:
            raise
        code = _report(error)
    except Exception as error:
        if debug:
            raise
        code = _report(
            ToolError(
                f"{type(error).__name__}: {error}",
                why="this is a fault of aetrain, not yours",
                do="run the command again with --debug and report what it prints",
                exit_code=ExitCode.FAILED,
            )
        )
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command that ``arguments`` name; returns its exit code. Raises ToolError, OSError, KeyboardInterrupt."""
    from cyclopts import CycloptsError

    app = build_app()
    _load_config_file(app, arguments)
    try:
        result = app(arguments or ["--help"], exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise _usage(error, arguments) from error
    return result if isinstance(result, int) else ExitCode.OK


def build_app() -> App:
    """The command line as cyclopts knows it; modules of commands are imported when they are needed."""
    from cyclopts import App, Parameter

    from trainer.commands.version import version
    from trainer.words import convert_exactly

    app = App(
        name="aetrain",
        help="Train autoencoders, watch them with aetui, ship them as ONNX.",
        version=version,
        default_parameter=Parameter(negative=(), consume_multiple=True, converter=convert_exactly),
        help_format="plaintext",
    )
    for place, (name, (path, summary)) in enumerate(COMMANDS.items()):
        app.command(path, name=name, help=summary, sort_key=place)
    return app


def _load_config_file(app: App, arguments: list[str]) -> None:
    """Let the file after ``--config`` speak where a flag does not."""
    path = next((b for a, b in itertools.pairwise(arguments) if a == "--config"), None)
    path = next((a.partition("=")[2] for a in arguments if a.startswith("--config=")), path)
    if path is None or arguments[:1] not in (["fit"], ["sweep"]):
        return
    from cyclopts.config import Dict

    from trainer.config import flag_table, read_toml

    table = read_toml(Path(path))
    if arguments[0] == "sweep":
        from trainer.sweep import sweep_table

        table = sweep_table(table)
    # A variant without options has an empty table in its run's file, and no flags that it could mean.
    table = {key: value for key, value in flag_table(table, path).items() if value != {}}
    # Below the command's name: at the root an option named like a command (data) would be passed over in silence.
    app.config = Dict({arguments[0]: table}, source=path)


_REASONS = ("Choose from: ", "unable to ")
"""Where cyclopts' one sentence turns from what is wrong to why."""


def _usage(error: Exception, arguments: list[str]) -> ToolError:
    """An error of the parser in our three lines."""
    from cyclopts.exceptions import UnknownCommandError

    if isinstance(error, UnknownCommandError) and arguments:
        return unknown("command", arguments[0], COMMANDS)
    said, _, guess = " ".join(str(error).split()).partition(" Did you mean ")
    guess = guess.partition("?")[0].strip('"')
    what, why = said, ""
    for reason in _REASONS:
        if reason in said:
            what, _, rest = said.partition(reason)
            why = reason[0].lower() + reason[1:] + rest
    command = next((word for word in arguments if word in COMMANDS), None)
    usage = f"aetrain {command} --help" if command else "aetrain --help"
    if "requires an argument" in what:
        why = "nothing was given for it"
    if command in ("fit", "sweep") and "--variant" in said:
        why, guess = "variants are given without an option", f"aetrain {command} sparse"
    do = f"did you mean {guess}? All there is: {usage}" if guess else f"{usage}   lists what there is"
    if "into int" in why and "," in why:
        do = "separate several values by spaces, not by commas"
    what = what.strip(" .:").replace(", you", "") or "invalid value"
    return ToolError(
        what[0].lower() + what[1:],
        why=why.rstrip(".") or (f"aetrain {command} does not take it" if command else "aetrain has no such option"),
        do=do,
    )


def _report(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, BrokenPipeError):
        # The reader of our output has left; nothing more can reach it, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.OK
    shown = from_os_error(error) if isinstance(error, OSError) else error
    with contextlib.suppress(OSError):  # a terminal that is gone
        print(shown, file=sys.stderr)
    return shown.exit_code if isinstance(shown, ToolError) else ExitCode.FAILED


if __name__ == "__main__":
    main()

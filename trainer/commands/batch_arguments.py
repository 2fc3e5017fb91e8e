"""Arguments that the batch commands on a bundle share, with the words that explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from export.errors import ToolError

if TYPE_CHECKING:
    from trainer.inference.inputs import Inputs
    from trainer.inference.models import Opened
    from trainer.inference.outputs import Output

Bundle = Annotated[str, Parameter(help="A bundle's folder, or a run (folder or name) that was exported.")]
Images = Annotated[
    tuple[Path, ...],
    Parameter(
        help="Image files, folders of them, .npy or .npz (its array images); none: the bundle's own 64 test images."
    ),
]
RunsDir = Annotated[Path, Parameter(help="Folder that holds the runs, where a run is given instead of a bundle.")]
Provider = Annotated[
    Literal["auto", "cuda", "cpu"],
    Parameter(help="What computes: auto takes CUDA where it works; cuda is an error where it does not."),
]
BatchSize = Annotated[int, Parameter(help="Images that are in memory at a time.")]
Limit = Annotated[int | None, Parameter(help="Take only so many images, the first ones.")]
SkipBad = Annotated[bool, Parameter(help="Leave out image files that cannot be read, and list them at the end.")]
Force = Annotated[bool, Parameter(help="Replace an output that is there already.")]
Dtype = Annotated[
    Literal["float32", "uint8"] | None,
    Parameter(help="What an .npy holds: float32 in [0, 1], or uint8 in 0 to 255; default float32."),
]
SideBySide = Annotated[
    bool, Parameter(help="Pictures show the image, what the network saw if that was another, and the reconstruction.")
]
Scale = Annotated[
    int | None, Parameter(help="Show every pixel so many times; default: until small images can be looked at.")
]
AsJson = Annotated[bool, Parameter(name="--json", help="Print a summary in JSON instead of a table.")]


@dataclass(frozen=True, kw_only=True)
class BundleOptions:
    """What every command on a bundle takes: how it is opened, and how the result is told."""

    provider: Provider = "auto"
    force: Force = False
    runs_dir: RunsDir = Path("runs")
    json: AsJson = False

    def open(self, bundle: str) -> Opened:
        """The bundle that ``bundle`` names. Raises ToolError as ``open_bundle`` does."""
        from trainer.inference.models import open_bundle

        return open_bundle(bundle, self.runs_dir, self.provider)

    def show(self, opened: Opened, summary: Mapping[str, Any], table: Mapping[str, Any] | None = None) -> None:
        """Print ``summary`` as JSON, or a table of one row on stdout: ``table``, or the same."""
        from trainer.tables import print_json, print_table

        if self.json:
            print_json({**opened.summary(), **summary})
        else:
            shown = summary if table is None else table
            print_table(list(shown), [list(shown.values())])


# Fields stand in the help from the last base to the first, so what a command takes comes before BundleOptions.


@dataclass(frozen=True, kw_only=True)
class Batches:
    """How much is taken at a time. Raises ToolError (exit 2) where that is nothing."""

    batch_size: BatchSize = 256

    def __post_init__(self) -> None:
        at_least("--batch-size", self.batch_size, 1, "a number of images")


@dataclass(frozen=True, kw_only=True)
class Selection(Batches):
    """Which of the images that are given are taken."""

    limit: Limit = None
    skip_bad: SkipBad = False


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What images that are written look like."""

    side_by_side: SideBySide = False
    dtype: Dtype = None


@dataclass(frozen=True, kw_only=True)
class BatchOptions(BundleOptions, Batches):
    """Of commands that make images of codes."""


@dataclass(frozen=True, kw_only=True)
class ImageOptions(BundleOptions, Selection):
    """Of commands that take images."""

    def inputs(self, images: Sequence[Path], opened: Opened) -> Inputs:
        """The images at these paths, or the bundle's own. Raises ToolError as ``open_inputs`` does."""
        from trainer.inference.inputs import open_inputs
        from trainer.progress import say

        return open_inputs(images, opened, limit=self.limit, skip_bad=self.skip_bad, say=say)


@dataclass(frozen=True, kw_only=True)
class PictureOptions(ImageOptions, Pictures):
    """Of commands that take images and write images."""

    def target(self, output: Path | None, opened: Opened) -> Output | None:
        """Where images go. Raises ToolError (exit 2) for a flag without effect, and as ``check_output`` does."""
        from trainer.inference.outputs import FOLDER, IMAGES, check_output

        target = None if output is None else check_output(output, IMAGES, force=self.force, opened=opened)
        if self.dtype is not None and (target is None or target.kind == FOLDER):
            raise without_effect("--dtype", "it says what an .npy holds, and none is written")
        if self.side_by_side and (target is None or target.kind != FOLDER):
            raise without_effect("--side-by-side", "it says what pictures show, and --output names no folder for any")
        if self.force and target is None:
            raise without_effect("--force", "nothing is written without --output")
        return target


Bundled = Annotated[BundleOptions, Parameter(name="*")]
Batched = Annotated[BatchOptions, Parameter(name="*")]
Imaged = Annotated[ImageOptions, Parameter(name="*")]
Pictured = Annotated[PictureOptions, Parameter(name="*")]


def at_least(flag: str, value: float, least: float, unit: str) -> None:
    """Raises ToolError (exit 2) where ``value`` is less than ``least`` or not a number."""
    if not least <= value < float("inf"):
        raise ToolError(f"{flag} {value:g} is out of range", why=f"it is {unit}", do=f"give {flag} {least:g} or more")


def without_effect(flag: str, why: str) -> ToolError:
    """The error (exit 2) for a flag that would change nothing."""
    return ToolError(f"{flag} has no effect here", why=why, do="leave it out")


def tell_skipped(inputs: Inputs) -> list[str]:
    """The names of what was left out, listed on stderr; raises ToolError (exit 3) where nothing else was there."""
    from export.errors import ExitCode
    from trainer.progress import say

    for name, reason in inputs.skipped:
        say(f"skipped {name}: {reason}")
    if inputs.skipped and len(inputs.skipped) == len(inputs):
        raise ToolError(
            f"none of {len(inputs)} images could be read",
            why=f"{inputs.skipped[0][0]}: {inputs.skipped[0][1]}",
            do="check the files",
            exit_code=ExitCode.DAMAGED,
        )
    return [name for name, _ in inputs.skipped]

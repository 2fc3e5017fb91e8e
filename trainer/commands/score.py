"""``aetrain score``: which images are unusual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainer.commands.batch_arguments import (
    Bundle,
    Imaged,
    ImageOptions,
    Images,
    at_least,
    tell_skipped,
    without_effect,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from trainer.inference.inputs import Inputs
    from trainer.inference.scoring import Scored

Sort = Literal[
    "error",
    "error-percentile",
    "relative-error",
    "relative-error-percentile",
    "distance",
    "distance-percentile",
    "highest-percentile",
]


def score(
    bundle: Bundle,
    images: Images = (),
    /,
    *,
    sort: Sort = "error",
    top: int = 20,
    labels: str | None = None,
    output: Path | None = None,
    options: Imaged = ImageOptions(),  # noqa: B008 (frozen)
) -> None:
    """Rank images by how unusual they are to the model: the most unusual first. The threshold is yours to choose.

    Parameters
    ----------
    sort
        The score to rank by. error: mean squared error of the reconstruction. relative-error: the same as a share of
        the variance between the image's pixels, which finds flat images that are easy to draw. distance: Mahalanobis
        distance of the code from those of the training images, which finds what is drawn well and still lies outside.
        A percentile says which share of training images scores less; highest-percentile is the largest of the three.
    top
        How many rows are shown; --output gets all of them.
    labels
        folders: images below a sub-folder normal (or good) are normal, all others anomalous. Or a .csv with the columns
        name and label, or an .npy of 0 (normal) and 1 (anomalous). Adds the AUROC of each score.
    output
        scores.csv or scores.json: every image, in the order of the ranking, numbers as they are.
    """
    from trainer.inference.counting import counting
    from trainer.inference.labels import anomalous
    from trainer.inference.outputs import check_output
    from trainer.inference.ranking import write_ranking
    from trainer.inference.scoring import score_images
    from trainer.progress import say
    from trainer.tables import print_json

    at_least("--top", top, 1, "a number of rows")
    kinds = {".csv": "a line per image", ".json": "a list of objects"}
    if options.force and output is None:
        raise without_effect("--force", "nothing is written without --output")
    target = None if output is None else check_output(output, kinds, force=options.force)
    opened = options.open(bundle)
    known = opened.scores()
    _check_sort(sort, known, points=opened.points)
    if known is None:
        say(
            "this bundle does not know what its training images scored, so there are no percentiles and no distances: "
            "export the run again"
        )
    inputs = options.inputs(images, opened)
    with counting("scoring", len(inputs)) as done:
        scored = score_images(opened, inputs, known, batch_size=options.batch_size, done=done)
    skipped = tell_skipped(inputs)
    truth = None if labels is None else anomalous(labels, inputs, scored.numbers)
    order = scored.order(sort)
    if target is not None:
        write_ranking(target, inputs, scored, order, truth)
    if options.json:
        print_json(
            {
                **opened.summary(),
                "images": len(order),
                "sort": sort,
                "auroc": _auroc(scored, truth),
                "top": [scored.row(inputs, place, truth) for place in order[:top]],
                "output": None if output is None else str(output),
                "skipped": skipped,
            }
        )
    else:
        _print(inputs, scored, order[:top], truth)
        if len(order) > top:
            say(f"{len(order) - top:,} more" + ("" if output else ": --top shows more, --output writes all of them"))


def _check_sort(sort: str, known: object, *, points: bool) -> None:
    from export.errors import ToolError

    if points and sort.startswith("relative-error"):
        raise ToolError(
            f"--sort {sort} has no meaning for points",
            why="it compares the error with the variance between an image's pixels",
            do="--sort error, or --sort distance",
        )
    if known is None and sort not in ("error", "relative-error"):
        raise ToolError(
            f"--sort {sort} is not known for this bundle",
            why="it has no scores.npz: what its training images scored was not written down",
            do="export the run again (aetrain export RUN --force), or --sort error",
        )


def _auroc(scored: Scored, truth: npt.NDArray[np.bool_] | None) -> dict[str, float] | None:
    from trainer.inference.scoring import HIGHEST, RAW, auroc

    if truth is None:
        return None
    return {name: auroc(scored.columns[name], truth) for name in (*RAW, HIGHEST) if name in scored.columns}


def _print(inputs: Inputs, scored: Scored, shown: npt.NDArray[np.int64], truth: npt.NDArray[np.bool_] | None) -> None:
    from trainer.tables import print_table

    rows = [scored.row(inputs, place, truth) for place in shown]
    names = [name for name in rows[0] if name != "highest_percentile"] if rows else ["name", "error"]
    heads = ["%" if name.endswith("_percentile") else name.replace("_", " ") for name in names]
    print_table(heads, [[_cell(name, row[name]) for name in names] for row in rows])
    auroc = _auroc(scored, truth)
    if auroc is not None:
        print()
        print_table(["score", "AUROC"], [[name, value] for name, value in auroc.items()])


def _cell(name: str, value: Any) -> Any:
    return round(value, 1) if name.endswith("_percentile") else value

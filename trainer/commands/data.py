"""``aetrain data``: which data sets there are, and where."""

from __future__ import annotations

from pathlib import Path

from trainer.commands.arguments import AsJson


def data(name: str | None = None, /, *, data_dir: Path | None = None, json: AsJson = False) -> None:
    """List the data sets: where each was found, or how to get it. With a name: fetch it and check its checksums.

    Parameters
    ----------
    name
        digits, faces, moons, circles, swiss-roll, fashion-mnist or mnist; a folder of images, an .npy or an .npz file
        is read and described.
    data_dir
        Folder in which the files of a named data set are looked for first.
    """
    import dataclasses
    import sys

    from trainer.data.survey import examine, survey
    from trainer.tables import print_json, print_table

    found = survey(data_dir) if name is None else [examine(name, data_dir)]
    if json:
        print_json([dataclasses.asdict(one) for one in found])
        return
    columns = ["data", "state", "images", "shape", "where, or how to get it"]
    rows = [
        [one.name, one.state, one.images, "×".join(map(str, one.image_shape)), one.do or one.where] for one in found
    ]
    print_table(columns, rows)
    if name is None:
        print(
            "a folder of images (class = sub-folder), an .npy or an .npz file is data too: give its path",
            file=sys.stderr,
        )

"""Arguments that several commands share, with the words that explain them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

Run = Annotated[str, Parameter(help="A run's folder, or its name below the runs folder.")]
Runs = Annotated[tuple[str, ...], Parameter(help="Folders of runs, or their names below the runs folder.")]
RunsDir = Annotated[Path, Parameter(help="Folder that holds the runs.")]
AsJson = Annotated[bool, Parameter(name="--json", help="Print JSON instead of a table.")]

"""Which runs stand side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.reconstructions.subjects import first_probe, of_all_widths, short_names, side_by_side, window
from export.errors import ToolError
from trainer.runs.probe import Probe, write_probe


def run(
    name: str, variant: str = "undercomplete", width: int | None = None, data: str = "digits", **more: object
) -> Entry:
    model = None if more.get("without") else Path(name)
    return Entry(
        path=Path(name), name=name, state="finished", variant=variant, data=data, latent_dim=width, model=model
    )


def test_the_newest_run_of_each_variant_stands_side_by_side_in_the_order_of_the_variants() -> None:
    runs = [run("v", "variational"), run("d", "denoising"), run("u2"), run("u1"), run("m", "sparse", data="moons")]
    assert [one.name for one in side_by_side(runs, [], runs[0])] == ["u2", "d", "v"]
    assert [one.name for one in side_by_side(runs, [], runs[3])] == ["u1", "d", "v"]


def test_several_marked_runs_come_first_and_those_without_a_model_do_not_count() -> None:
    runs = [run("a"), run("b"), run("c", without=True), run("d", "sparse")]
    assert side_by_side(runs, [runs[1], runs[0]], runs[3]) == [runs[1], runs[0]]
    assert [one.name for one in side_by_side(runs, [runs[1], runs[2]], runs[0])] == ["a", "d"]
    assert side_by_side([], [], None) == []


def test_widths_are_sorted_and_of_like_runs_only() -> None:
    runs = [
        run("new-5", width=5),
        run("12", width=12),
        run("old-5", width=5),
        run("2", width=2),
        run("other data", width=3, data="faces"),
        run("other variant", "sparse", 4),
        run("no model", width=7, without=True),
        run("unknown"),
    ]
    assert [one.name for one in of_all_widths(runs, [], runs[1])] == ["2", "new-5", "12"]
    assert [one.name for one in of_all_widths(runs, [], runs[2])] == ["2", "old-5", "12"]
    assert [one.name for one in of_all_widths(runs, [runs[2]], runs[0])] == ["2", "old-5", "12"]
    assert of_all_widths(runs, [], None) == []
    assert of_all_widths(runs, [], runs[-1]) == []


def test_names_are_variants_or_what_differs_in_the_names() -> None:
    assert short_names([run("a"), run("b", "sparse")]) == ["undercomplete", "sparse"]
    assert short_names([run("sweep-digits-dim-2"), run("sweep-digits-dim-12")]) == ["2", "12"]
    assert short_names([run("a-"), run("a-b")]) == ["a-", "a-b"]
    assert short_names([run("x"), run("y")]) == ["x", "y"]


def test_a_run_without_probe_images_takes_those_of_the_next_one(tmp_path: Path) -> None:
    labels = np.array([3])
    write_probe(tmp_path / "whole", Probe(images=np.zeros((1, 1, 8, 8), np.uint8), labels=labels, index=labels))
    (tmp_path / "torn").write_bytes(b"PK")
    torn, whole = (replace(run(name), probe=tmp_path / name) for name in ("torn", "whole"))
    assert first_probe([torn, whole]).labels.tolist() == [3]
    with pytest.raises(ToolError, match="torn cannot be read"):
        first_probe([torn, run("without")])


def test_a_window_holds_the_selected_run_and_is_never_half_empty() -> None:
    runs = [run(str(number)) for number in range(6)]
    assert window(runs, runs[0], 3) == runs[:3]
    assert window(runs, runs[3], 3) == runs[2:5]
    assert window(runs, runs[5], 3) == runs[3:]
    assert window(runs, None, 2) == runs[:2]
    assert window(runs, run("elsewhere"), 9) == runs

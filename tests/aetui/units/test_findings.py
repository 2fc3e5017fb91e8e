"""What is known of the units of a model, on codes and columns that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.paint.images import Signed
from aetui.paint.points import Points
from aetui.units.findings import findings_of, newest_codes
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample, path_of, write_sample

ENTRY = Entry(path=Path("a"), name="a", state="finished")
CODES = np.array([[1.0, 0.0, 0.0], [3.0, 2.0, 0.0]], np.float32)
PROBE = Probe(images=np.zeros((2, 1, 2, 2), np.uint8), labels=np.array([0, 1]), index=np.arange(2))


def write(run: Path, step: int, latent: np.ndarray, *, units: np.ndarray | None = None) -> None:
    (run / "samples").mkdir(exist_ok=True)
    n = len(latent)
    sample = Sample(
        latent=latent.astype(np.float16),
        labels=np.zeros(n, np.int64),
        index=np.arange(n),
        reconstruction=np.zeros((2, 1, 2, 2), np.uint8),
        units=units,
    )
    write_sample(path_of(run / "samples", step), sample)


def test_densities_are_of_the_newest_frame_where_it_holds_whole_codes(tmp_path: Path) -> None:
    write(tmp_path, 10, np.ones((5, 3)))
    write(tmp_path, 20, np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]]))
    newest = newest_codes(tmp_path, 3)
    assert newest is not None
    assert newest.step == 20
    found = findings_of(ENTRY, PROBE, CODES, 30, newest)
    assert found.units.density.tolist() == [1.0, 0.25, 0.0]
    assert found.source == "4 test images (step 20)"


def test_without_a_frame_that_fits_they_are_of_the_probe_images_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, 10, np.ones((5, 4)))
    assert newest_codes(tmp_path, 3) is None
    assert newest_codes(tmp_path / "nothing", 3) is None
    found = findings_of(ENTRY, PROBE, CODES, 30, None)
    assert found.units.density.tolist() == [1.0, 0.5, 0.0]
    assert found.source == "the 2 probe images"
    values, labels, source = found.most_values(1)
    assert (values.tolist(), labels.tolist(), source) == ([0.0, 2.0], [0, 1], "the 2 probe images")


def test_of_a_wide_code_the_units_that_the_frame_names_are_known_on_its_images(tmp_path: Path) -> None:
    latent = np.zeros((5, 40))
    latent[:, :8] = 7  # projections, of no unit
    latent[1:3, 8 + 31] = [0.5, 1.5]  # the last of the units 100, 102, …, 162
    write(tmp_path, 10, latent, units=100 + 2 * np.arange(32))
    assert newest_codes(tmp_path, 162) is None
    newest = newest_codes(tmp_path, 784)
    assert newest is not None
    codes = np.zeros((2, 784), np.float32)
    codes[0, 162] = codes[0, 161] = 0.25
    found = findings_of(ENTRY, PROBE, codes, 30, newest)
    # All units are compared on the same images.
    assert found.source == "the 2 probe images"
    assert found.units.density[[161, 162]].tolist() == [0.5, 0.5]
    assert found.most_values(162)[0].tolist() == [0, 0.5, 1.5, 0, 0]
    assert found.most_values(162)[2] == "5 test images (step 10)"
    assert found.most_values(161)[0].tolist() == [0.25, 0]
    assert found.most_values(161)[2] == "the 2 probe images"


def test_a_column_is_drawn_on_its_own_scale_or_on_that_of_all() -> None:
    found = findings_of(ENTRY, PROBE, CODES, 0, None)
    found.effects = {0: np.full((1, 2, 2), 0.5, np.float32), 1: np.full((1, 2, 2), -0.25, np.float32)}
    own = found.picture(1)
    assert isinstance(own, Signed)
    assert own.values.tolist() == [[-1, -1], [-1, -1]]
    common = found.picture(1, found.limit([0, 1]))
    assert isinstance(common, Signed)
    assert common.values.tolist() == [[-0.5, -0.5], [-0.5, -0.5]]


def test_columns_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings_of(ENTRY, PROBE, CODES, 0, None)
    columns = np.zeros((2, 1, 2, 2), np.float32)
    monkeypatch.setattr("aetui.units.findings.MOST_BYTES", 3 * columns[0].nbytes)
    found.keep([0, 1], columns)
    assert set(found.effects) == {0, 1}
    found.keep([1, 2], columns)
    assert set(found.effects) == {1, 2}


def test_a_column_that_is_not_known_yet_or_has_no_numbers_is_blank() -> None:
    found = findings_of(ENTRY, PROBE, CODES, 0, None)
    found.effects = {1: np.full((1, 2, 2), np.nan, np.float32), 2: np.zeros((1, 2, 2), np.float32)}
    for unit in range(3):
        picture = found.picture(unit)
        assert isinstance(picture, Signed)
        assert not picture.values.any()


def test_of_points_a_column_is_where_it_moves_them() -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0]], np.float32).reshape(2, 1, 1, 2)
    probe = Probe(images=points, labels=np.zeros(2, np.int64), index=np.arange(2))
    found = findings_of(ENTRY, probe, CODES, 0, None)
    empty = found.picture(0)
    assert isinstance(empty, Points)
    assert len(empty.marks) == 0
    found.zero = np.array([1.0, 2.0], np.float32).reshape(1, 1, 2)
    found.effects = {0: np.array([0.5, -1.0], np.float32).reshape(1, 1, 2)}
    moved = found.picture(0)
    assert isinstance(moved, Points)
    assert moved.marks.tolist() == [[1.0, 2.0], [1.5, 1.0]]

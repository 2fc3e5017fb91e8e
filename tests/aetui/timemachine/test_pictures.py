"""What the time machine shows of one moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.paint.look import Look
from aetui.paint.points import Points
from aetui.timemachine.pictures import Moment, captions, curves_at, map_of, pictures_of, plane_of, table
from aetui.timemachine.timeline import projection_of
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample

STEPS = np.array([1.0, 2.0, 4.0])
ENTRY = Entry(
    path=Path("a"),
    name="a",
    state="finished",
    series={
        ("train", "loss"): Series(STEPS, np.array([3.0, 2.0, 1.0])),
        ("validation", "loss"): Series(STEPS[1:], np.array([2.5, 1.5])),
    },
    classes=("cat", "dog"),
)
OTHER = Entry(path=Path("b"), name="b", state="finished", series={("train", "loss"): Series(STEPS, STEPS)})
PROBE = Probe(images=np.full((3, 1, 2, 2), 255, np.uint8), labels=np.array([0, 1, -1]), index=np.arange(3))


def frame(latent: np.ndarray, value: int = 0, images: int = 3) -> Sample:
    return Sample(
        latent=latent.astype(np.float16),
        labels=np.arange(len(latent)) % 2,
        index=np.arange(len(latent)),
        reconstruction=np.full((images, 1, 2, 2), value, np.uint8),
    )


CODES = np.random.default_rng(0).normal(size=(50, 3)) * [4, 2, 1] + 7


def moment(value: int = 0, other: int | None = None) -> Moment:
    beside = (OTHER, 4, frame(CODES, other, images=2)) if other is not None else None
    return Moment(entry=ENTRY, step=2, frame=frame(CODES, value), other=beside)


def test_the_error_is_that_of_the_moment_in_units_of_brightness() -> None:
    assert captions(moment(0), PROBE, 0, columns=20) == ["cat", "mse 1.0000"]
    assert captions(moment(255), PROBE, 1, columns=20) == ["dog", "mse 0.0000"]
    assert captions(moment(204, other=255), PROBE, 2, columns=6) == ["image 3", "0.0400", ""]


def test_a_run_beside_it_has_its_own_picture_as_far_as_there_is_one() -> None:
    shown = pictures_of(moment(10, other=20), PROBE, 1)
    assert [int(np.asarray(image).max()) for image in shown] == [255, 10, 20]
    assert int(np.asarray(pictures_of(moment(10, other=20), PROBE, 2)[2]).max()) == 0
    assert len(pictures_of(moment(), PROBE, 0)) == 2


def test_points_are_drawn_as_points() -> None:
    probe = Probe(images=np.zeros((3, 1, 1, 4), np.float32), labels=np.zeros(3, np.int64), index=np.arange(3))
    sample = Sample(
        latent=CODES.astype(np.float16),
        labels=np.zeros(50, np.int64),
        index=np.arange(50),
        reconstruction=np.ones((3, 1, 1, 4), np.float32),
    )
    shown = pictures_of(Moment(entry=ENTRY, step=1, frame=sample), probe, 0)
    assert all(isinstance(image, Points) for image in shown)


def test_reconstructed_points_of_the_plane_lie_over_the_data() -> None:
    points = np.array([[0.0, 0.0], [1.0, 2.0]], np.float32).reshape(2, 1, 1, 2)
    probe = Probe(images=points, labels=np.array([0, 1]), index=np.arange(2))
    sample = Sample(
        latent=CODES.astype(np.float16),
        labels=np.zeros(50, np.int64),
        index=np.arange(50),
        reconstruction=points + 0.5,
    )
    scatter = plane_of(Moment(entry=ENTRY, step=1, frame=sample), probe, Look())
    assert scatter.points.tolist() == [[0, 0], [1, 2], [0.5, 0.5], [1.5, 2.5]]
    assert scatter.group.tolist() == [-1, -1, 0, 1]
    assert scatter.groups.names == ("cat", "dog")


def test_the_map_has_the_axes_and_ranges_of_the_last_frame_whatever_the_moment() -> None:
    last = frame(CODES)
    components = projection_of(last.latent)
    early = Moment(entry=ENTRY, step=1, frame=frame(CODES * 0.1))
    maps = [map_of(one, last, (0, 1), components, Look()) for one in (moment(), early)]
    assert maps[0].x_range == maps[1].x_range
    assert maps[0].y_range == maps[1].y_range
    assert (maps[0].x_name, maps[0].y_name) == ("PC 1", "PC 2")
    assert np.ptp(maps[1].points[:, 0]) == pytest.approx(0.1 * np.ptp(maps[0].points[:, 0]), rel=0.01)


def test_the_map_of_own_dimensions_shows_those_that_were_asked_for() -> None:
    scatter = map_of(moment(), frame(CODES), (2, 0), None, Look())
    np.testing.assert_allclose(scatter.points, CODES[:, [2, 0]].astype(np.float16))
    assert (scatter.x_name, scatter.y_name) == ("z 3", "z 1")
    beyond = map_of(moment(), frame(CODES), (9, 99), None, Look())
    assert (beyond.x_name, beyond.y_name) == ("z 3", "z 3")


def test_a_code_of_one_dimension_is_laid_out_by_class() -> None:
    line = frame(np.arange(6)[:, None])
    scatter = map_of(Moment(entry=ENTRY, step=1, frame=line), line, (0, 1), None, Look())
    assert scatter.points.tolist() == [[i, i % 2] for i in range(6)]
    assert scatter.y_name == "class"
    assert scatter.y_range == (-1.5, 1.5)


def test_codes_without_a_number_are_out_of_sight() -> None:
    broken = CODES.copy()
    broken[0, 0] = np.nan
    scatter = map_of(Moment(entry=ENTRY, step=1, frame=frame(broken)), frame(CODES), (0, 1), None, Look())
    assert np.isposinf(scatter.points[0, 0])
    assert scatter.x_range[0] < scatter.x_range[1]


def test_the_curves_mark_the_steps_that_have_a_frame() -> None:
    panel = curves_at(ENTRY, OTHER, "loss", [1, 4])
    assert panel.marks == (1.0, 4.0)
    assert [series.name for series in panel.series] == ["train", "b train", "validation"]
    assert [series.dashed for series in panel.series] == [False, True, False]


def test_the_table_has_the_value_logged_last_before_each_frame() -> None:
    assert table(ENTRY, [0, 2, 3]).splitlines() == [
        "step\ttrain loss\tvalidation loss",
        "0\t\t",
        "2\t2\t2.5",
        "3\t2\t2.5",
    ]


def test_the_map_is_coloured_by_class_or_by_what_is_known_of_the_images() -> None:
    smile = np.linspace(0, 1, 50, dtype=np.float32)
    sample = Sample(**{**vars(frame(CODES)), "attributes": smile[:, None]})
    one = Moment(entry=ENTRY, step=1, frame=sample, attribute_names=("smile",))
    assert [one.colouring(number).title for number in range(3)] == ["class", "smile", "class"]
    by_class = map_of(one, sample, (0, 1), None, Look())
    assert by_class.groups.names == ("cat", "dog")
    by_smile = map_of(one, sample, (0, 1), None, Look(), colour=1)
    assert by_smile.groups.ordered
    assert by_smile.group.tolist() == [min(4, int(value * 5)) for value in smile.astype(np.float64)]

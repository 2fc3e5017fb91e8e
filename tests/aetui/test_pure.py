"""The small pure functions of the UI against closed forms."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aetui.arrangement import arrange
from aetui.columns import details, table
from aetui.entries import Entry
from aetui.interpolation import between
from aetui.latest import Latest
from aetui.paint.cells import width_of
from aetui.paint.look import Look
from aetui.probes import corrupted
from aetui.screens.latent import first_pair, frames_in_strip, slider
from aetui.spark import BLOCKS, duration, rate, short_number, sparkline
from aetui.terminal.ascii_filter import to_ascii
from aetui.widgets.bars import status_line, title_line

HALF = Look(pixels="half")
CHARACTERS = Look(pixels="characters", depth="mono", unicode=False)
vectors = arrays(np.float32, 5, elements=st.floats(-10, 10, width=32))


# Ways through the latent space


@given(vectors, vectors, st.sampled_from(["linear", "slerp"]), st.integers(2, 40))
def test_a_way_begins_at_a_and_ends_at_b(a: np.ndarray, b: np.ndarray, way: str, count: int) -> None:
    found = between(a, b, count, way)  # type: ignore[arg-type]
    assert found.shape == (count, 5)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(a, abs=1e-4)
    assert found[-1] == pytest.approx(b, abs=1e-4)


def test_the_straight_way_is_the_weighted_mean() -> None:
    found = between(np.float32([0, 2]), np.float32([4, 0]), 5, "linear")
    assert found == pytest.approx(np.array([[0, 2], [1, 1.5], [2, 1], [3, 0.5], [4, 0]]))


def test_slerp_between_unit_vectors_is_the_unit_circle() -> None:
    found = between(np.float32([1, 0]), np.float32([0, 1]), 4, "slerp")
    angles = np.linspace(0, np.pi / 2, 4)
    assert found == pytest.approx(np.stack([np.cos(angles), np.sin(angles)], axis=1), abs=1e-6)


def test_slerp_changes_the_length_evenly() -> None:
    found = between(np.float32([1, 0]), np.float32([0, 3]), 5, "slerp")
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1.5, 2, 2.5, 3], abs=1e-5)


@pytest.mark.parametrize("b", [(2, 0), (-1, 0), (0, 0)])
def test_where_there_is_no_one_great_circle_slerp_is_straight(b: tuple[float, float]) -> None:
    a, end = np.float32([1, 0]), np.float32(b)
    assert np.array_equal(between(a, end, 7, "slerp"), between(a, end, 7, "linear"))


def test_the_first_pair_is_of_two_classes_where_there_are_two() -> None:
    assert first_pair(np.array([3, 3, 7, 1])) == (0, 2)
    assert first_pair(np.array([-1, -1])) == (0, 1)
    assert first_pair(np.array([5])) == (0, 0)
    assert first_pair(np.array([], np.int64)) == (0, 0)


def test_the_slider_moves_from_a_to_b() -> None:
    assert slider(0, 10, unicode=False) == "AO-------B"
    assert slider(1, 10, unicode=False) == "A-------OB"
    assert all(len(slider(t / 20, 20, unicode=True)) == 20 for t in range(21))
    assert [frames_in_strip(width) for width in (20, 80, 200)] == [5, 7, 9]


# How many pictures fit


@given(
    st.integers(1, 220),
    st.integers(1, 70),
    st.tuples(st.integers(1, 64), st.integers(1, 64)),
    st.integers(1, 6),
    st.sampled_from([HALF, CHARACTERS]),
    st.sampled_from([None, 1, 5, 12]),
    st.sampled_from([None, True, False]),
)
def test_an_arrangement_never_exceeds_its_rectangle(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    images: int | None,
    across: bool | None,
) -> None:
    way = arrange(columns, rows, image, pictures, look, images=images, across=across)
    assert 1 <= way.images <= 12
    if way.picture != (0, 0):
        beside, below = (pictures, way.images) if way.across else (way.images, pictures)
        assert beside == way.columns
        assert beside * way.picture[0] + (beside - 1) * way.gap <= columns
        assert below * (way.picture[1] + 1) + way.across <= rows


def test_digits_and_clothes_are_large_enough_on_a_small_terminal() -> None:
    for size in (8, 28):
        way = arrange(80, 20, (size, size), 2, HALF)
        assert way.picture[0] >= 15
        assert way.images >= 3


def test_on_a_large_terminal_clothes_are_shown_whole() -> None:
    way = arrange(200, 56, (28, 28), 2, HALF)
    assert way.picture[0] >= 25
    assert way.images >= 5


# Corruption


def test_an_image_is_corrupted_the_same_way_wherever_it_stands() -> None:
    x = np.full((4, 1, 3, 3), 0.5, np.float32)
    index = np.array([7, 3, 9, 1])
    whole = corrupted(x, index, "gaussian", 0.3)
    assert np.array_equal(corrupted(x[1:3], index[1:3], "gaussian", 0.3), whole[1:3])
    assert not np.array_equal(whole[0], whole[1])
    assert whole.dtype == np.float32
    assert corrupted(x[:0], index[:0], "masking", 0.3).shape == (0, 1, 3, 3)


# Short texts


def test_a_sparkline_falls_with_the_loss() -> None:
    assert sparkline(np.exp(-np.arange(8.0)), 8) == BLOCKS[::-1]
    assert sparkline(np.array([np.nan, 1.0, np.nan, 1.0]), 10) == BLOCKS[0] * 2
    assert sparkline(np.array([1.0]), 10) == sparkline(np.array([]), 10) == ""
    assert sparkline(np.linspace(1, 0.1, 999), 10, unicode=False).isascii()


@given(arrays(np.float64, st.integers(0, 60)), st.integers(-1, 30))
def test_a_sparkline_never_exceeds_its_width(values: np.ndarray, width: int) -> None:
    with np.errstate(all="ignore"):
        assert len(sparkline(values, width)) <= max(0, width)


def test_numbers_are_short() -> None:
    assert [short_number(x) for x in (None, 0.0, 0.012346, 26.3812, 1e-9, 1234567.0, -0.5)] == [
        "",
        "0",
        "0.01235",
        "26.38",
        "1.0e-09",
        "1.2e+06",
        "-0.5",
    ]
    assert [rate(x) for x in (None, 0.0, 850.0, 12_345.0, 1_200_000.0)] == ["", "0", "850", "12.3k", "1.2M"]
    assert [duration(x) for x in (None, -1.0, 0.4, 42.0, 192.0, 3900.0, 183_600.0)] == [
        "",
        "",
        "0s",
        "42s",
        "3m12s",
        "1h05m",
        "2d03h",
    ]


# Lines


def entry(name: str, **facts: object) -> Entry:
    return Entry(
        **{"path": Path(name), "name": name, "state": "running", "variant": "sparse", "data": "digits", **facts}
    )  # type: ignore[arg-type]


@given(st.integers(1, 200), st.booleans())
def test_no_line_of_the_table_is_wider_than_asked(width: int, unicode: bool) -> None:
    entries = [
        entry("a" * 100, loss=0.123, eta_s=50.0, images_per_s=1e4, device="cuda:0"),
        entry("漢字" * 20),
        entry(""),
    ]
    assert all(width_of(line) <= width for line in table(entries, width, unicode=unicode))


def test_on_eighty_columns_the_table_has_what_matters_most() -> None:
    facts = {"loss": 0.123, "epoch": 12.0, "epochs": 100.0, "eta_s": 50.0, "images_per_s": 1e4, "device": "cuda:0"}
    heading, line = table([entry("a-rather-long-name-of-a-run", **facts)], 78)
    assert {"name", "variant", "state", "epoch", "loss", "ETA"} <= set(heading.split())
    assert {"a-rather-long-name-of-a-run", "sparse", "running", "12/100", "0.123", "50s"} <= set(line.split())


def test_a_wide_table_has_every_column() -> None:
    facts = {"loss": 0.123, "epoch": 12.0, "epochs": 100.0, "eta_s": 50.0, "images_per_s": 1e4, "device": "cuda:0"}
    heading, *_ = table([entry("a", **facts), entry("b", **facts)], 200)
    assert {"name", "variant", "data", "state", "epoch", "loss", "images/s", "ETA", "device"} <= set(heading.split())


def test_text_from_outside_cannot_drive_the_terminal() -> None:
    hostile = "\x1b[31m[/red]\x9b2J\u202e\n"
    for line in table([entry(hostile, variant=hostile, data=hostile, device=hostile)], 200):
        assert line.isprintable()


def test_the_details_of_a_failed_run_say_why() -> None:
    assert ("error", "loss is not finite") in details(entry("a", error="loss is not finite"))


@given(st.integers(0, 200), st.text(max_size=80), st.text(max_size=80))
def test_the_status_fills_its_width_and_not_more(width: int, provider: str, run: str) -> None:
    assert width_of(status_line(provider, run, width, unicode=True)) <= max(2, width)


def test_on_eighty_columns_the_status_names_the_run_and_the_provider() -> None:
    shown = status_line(
        "CPU: no NVIDIA driver (libcuda.so.1 not found)", "a-rather-long-name  sparse  running", 80, unicode=True
    )
    assert "a-rather-long-name" in shown
    assert "CPU: no NVIDIA" in shown


def test_a_narrow_title_keeps_the_name_of_the_screen_that_is_shown() -> None:
    assert title_line("curves", 80).plain.split() == ["1", "Runs", "2", "Curves", "3", "Reconstructions", "4", "Latent"]
    assert title_line("curves", 30).plain.split() == ["1", "2", "Curves", "3", "4"]


@given(st.text())
def test_the_ascii_filter_leaves_ascii_alone_and_lets_nothing_else_through(text: str) -> None:
    assert to_ascii(text).isascii()
    assert to_ascii("a b#") == "a b#"


def test_frames_stay_frames_in_ascii() -> None:
    assert to_ascii("╭─╮│●…█▀") == "+-+|*~# "


# A job that is asked for too often


async def test_many_questions_while_the_job_runs_are_one_more_run() -> None:
    runs = 0
    gate = asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        await gate.wait()

    latest = Latest(job)
    latest.ask()
    await asyncio.sleep(0)
    for _ in range(10):
        latest.ask()
    gate.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert runs == 2


async def test_a_job_that_waits_can_be_stopped() -> None:
    latest = Latest(asyncio.Event().wait)  # type: ignore[arg-type]
    latest.ask()
    await asyncio.sleep(0)
    await latest.stop()

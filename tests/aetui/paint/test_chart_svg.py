"""The drawing, read back: every point where it belongs, all text escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from aetui.paint.chart_svg import COLOURS, chart_svg
from aetui.paint.frame import ready
from aetui.paint.look import Look
from aetui.paint.series import Curve, Series, View

NS = "{http://www.w3.org/2000/svg}"
LEFT, TOP, WIDTH, HEIGHT = 72, 58, 868, 436


def chart(series: list[Series], view: View) -> tuple[list[Curve], View]:
    return ready(series, Look(dark=False), view), view


def curves_of(svg: str) -> list[ET.Element]:
    """The paths of the plot itself."""
    root = ET.fromstring(svg)
    return [path for group in root.iter(f"{NS}g") if "clip-path" in group.attrib for path in group.iter(f"{NS}path")]


def points_of(path: ET.Element) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[float(x), float(y)] for x, y in re.findall(r"[ML](\S+?) (\S+?)(?=[MLZ]|$)", path.attrib["d"])])


def test_every_point_lies_where_its_values_say() -> None:
    xs, ys = np.arange(11.0), np.arange(11.0) ** 2
    view = View(y_range=(0.0, 100.0), x_label="step")
    (path,) = curves_of(chart_svg([chart([Series(xs, ys, "loss", colour=2)], view)]))
    assert path.attrib["stroke"] == COLOURS[2]
    expected = np.stack([LEFT + xs / 10 * WIDTH, TOP + (100 - ys) / 100 * HEIGHT], axis=1)
    np.testing.assert_allclose(points_of(path), expected, atol=0.06)


def test_a_gap_starts_a_new_line() -> None:
    ys = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    (path,) = curves_of(chart_svg([chart([Series(np.arange(5), ys)], View())]))
    assert re.sub(r"[^ML]", "", path.attrib["d"]) == "MLML"


def test_a_million_points_are_few_and_keep_their_spike() -> None:
    ys = np.zeros(1_000_000)
    ys[123_456] = 1.0
    view = View(y_range=(0.0, 1.0))
    svg = chart_svg([chart([Series(np.arange(1_000_000), ys)], view)])
    assert len(svg) < 100_000
    (path,) = curves_of(svg)
    assert points_of(path)[:, 1].min() == pytest.approx(TOP)


def test_areas_are_closed_and_as_high_as_their_term() -> None:
    xs = np.arange(11.0)
    view = View(stacked=True, y_range=(0.0, 4.0))
    kl, rest = curves_of(chart_svg([chart([Series(xs, xs * 0 + 1, "kl"), Series(xs, xs * 0 + 2, "rest")], view)]))
    assert kl.attrib["d"].endswith("Z")
    for path, low, high in ((kl, 0, 1), (rest, 1, 3)):
        heights = points_of(path)[:, 1]
        assert heights.min() == pytest.approx(TOP + (4 - high) / 4 * HEIGHT, abs=0.1)
        assert heights.max() == pytest.approx(TOP + (4 - low) / 4 * HEIGHT, abs=0.1)


def test_faint_lies_behind_and_the_baseline_is_dashed() -> None:
    xs = np.arange(5.0)
    series = [
        Series(xs, xs, "b", dashed=True),
        Series(xs, xs, "a"),
        Series(xs, xs, "", faint=True),
        Series(xs, xs, "", ghost=True),
    ]
    ghost, faint, front, dashed = curves_of(chart_svg([chart(series, View())]))
    assert "opacity" in ghost.attrib
    assert "opacity" in faint.attrib
    assert "opacity" not in front.attrib
    assert "stroke-dasharray" in dashed.attrib


def test_text_from_outside_is_only_text() -> None:
    evil = "<script>alert('x')</script> & \x1b[31m\x00"
    svg = chart_svg([chart([Series([0, 1], [0, 1], evil)], View(title=evil, x_label=evil))])
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{NS}script"))
    texts = [element.text or "" for element in root.iter(f"{NS}text")]
    assert sum("<script>" in text for text in texts) == 3
    assert "\x1b" not in svg


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_several_charts_are_a_grid(count: int) -> None:
    svg = chart_svg([chart([Series([0, 1], [0, 1], "a")], View(title=f"t{n}", marks=(0.5,))) for n in range(count)])
    root = ET.fromstring(svg)
    assert len(curves_of(svg)) == count
    assert len({group.attrib["transform"] for group in root.iter(f"{NS}g") if "transform" in group.attrib}) == count


def test_nothing_to_draw_is_a_drawing_too() -> None:
    assert curves_of(chart_svg([chart([], View())])) == []
    assert curves_of(chart_svg([chart([Series([0, 1], [np.nan, np.nan], "a")], View())])) == []

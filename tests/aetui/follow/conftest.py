"""The oracle of the tests of logs: one line after the other through ``json.loads``, one value after the other."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aetui.follow.series import AXES, Series

Points = dict[tuple[str, str], list[tuple[float, float, float, float]]]
"""By split and term: step, epoch, time, value."""


class PlainReader:
    """Reads as slowly and as plainly as it can be done."""

    def rows(self, lines: bytes) -> tuple[list[dict[str, Any]], int]:
        """The rows of whole lines, and how many lines are none."""
        found, bad = [], 0
        for line in lines.split(b"\n")[:-1]:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict) and "step" in row and "split" in row:
                found.append(row)
            else:
                bad += 1
        return found, bad

    def points(self, rows: list[dict[str, Any]]) -> Points:
        """What rows say, without the steps that come late."""
        by_term: Points = {}
        start = math.nan
        for row in rows:
            step, epoch, time = (_float(row.get(axis)) for axis in AXES)
            if not isinstance(row["split"], str):
                continue
            if math.isnan(start) and time is not None:
                start = time
            if step is None or not math.isfinite(step):
                continue
            for term, value in row.items():
                found = _float(value)
                if term in (*AXES, "split") or found is None:
                    continue
                so_far = by_term.setdefault((row["split"], term), [])
                if not so_far or step > so_far[-1][0]:
                    so_far.append((step, _or_nan(epoch), _or_nan(time) - start, found))
        return by_term

    def read(self, path: Path) -> tuple[Points, int]:
        """What the log says up to its last newline, and how many of its lines say nothing."""
        data = path.read_bytes() if path.exists() else b""
        rows, bad = self.rows(data[: data.rfind(b"\n") + 1])
        return self.points(rows), bad

    def same(self, series: Mapping[tuple[str, str], Series], points: Points) -> bool:
        """True where ``series`` are ``points``, to the bit; NaN is NaN."""
        if series.keys() != points.keys():
            return False
        for key, found in series.items():
            columns = np.array(points[key]).T
            ours = [*(found.along(axis) for axis in AXES), found.values]
            if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(ours, columns, strict=True)):
                return False
        return True


def _float(value: Any) -> float | None:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(float(value)) else math.nan
    except OverflowError:
        return math.nan


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


@pytest.fixture(scope="session")
def plain() -> PlainReader:
    return PlainReader()

"""What is written below pictures."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.reconstructions.answers import Made, Shown
from aetui.reconstructions.shelves import ImagePage, Result, shelves_of

ONE = np.arange(1)


def point(x: float, y: float) -> np.ndarray:
    return np.array([x, y], np.float32).reshape(1, 1, 1, 2)


@pytest.mark.parametrize(
    ("room", "place", "moved"),
    [
        (40, "(-0.75, 0.62) mse 0.0081", "by (-0.12, 0.03)"),
        (15, "(-0.75, 0.62)", "+(-0.12, 0.03)"),
        (12, "(-0.8, 0.6)", "+(-0.1, 0.0)"),
    ],
)
def test_coordinates_have_as_many_digits_as_there_is_room_for(room: int, place: str, moved: str) -> None:
    x, x_hat = point(-0.631, 0.59), point(-0.754, 0.623)
    shown = Shown(x=x, index=ONE, key=(), points=True)
    page = ImagePage(shown=shown, places=ONE, all=ONE, labels=["#1"], classes=[""], room=room)
    made = Made(x_hat=x_hat, code=np.zeros((1, 1), np.float32), known=np.ones(1, bool))
    _, there, together = shelves_of(page, [Result(name="a", made=made)], residuals=True)
    assert list(there.captions) == [place]
    assert list(together.captions) == [moved]

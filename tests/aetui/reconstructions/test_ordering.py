"""The order stays while the level of the noise moves, and while errors are not known."""

from __future__ import annotations

import numpy as np

from aetui.reconstructions.answers import Made, Shown
from aetui.reconstructions.ordering import Ordering
from aetui.reconstructions.study import Study

X = np.zeros((4, 1, 2, 2), np.float32)
LABELS = np.array([0, 1, 0, 1])
SHOWN = Shown(x=X, index=np.arange(4), key=("probe",))


def made(*errors: float, known: int = 4) -> Made:
    x_hat = np.sqrt(np.array(errors, np.float32))[:, None, None, None] + X
    return Made(x_hat, np.zeros((4, 1), np.float32), np.arange(4) < known)


def order(ordering: Ordering, study: Study, *of: Made | None, key: str = "a", moving: bool = False) -> list[int]:
    return ordering.places(SHOWN, LABELS, study, of, key, moving=moving).tolist()


def test_the_worst_of_the_mean_over_the_runs_comes_first() -> None:
    worst = Study(order="worst")
    assert order(Ordering(), worst, made(0.1, 0.3, 0.2, 0.0)) == [1, 2, 0, 3]
    assert order(Ordering(), worst, made(0.1, 0.3, 0.2, 0.0), made(0.9, 0.0, 0.0, 0.0)) == [0, 1, 2, 3]
    assert order(Ordering(), worst, made(0.1, 0.3, 0.2, 0.0), None) == [1, 2, 0, 3]
    assert order(Ordering(), Study(order="best", shown_class=1), made(0.1, 0.3, 0.2, 0.0)) == [3, 1]
    assert order(Ordering(), Study(), made(0.1, 0.3, 0.2, 0.0)) == [0, 1, 2, 3]


def test_before_all_errors_are_known_the_order_before_stays() -> None:
    ordering, worst = Ordering(), Study(order="worst")
    assert order(ordering, worst, made(0, 0, 0, 1, known=3)) == [0, 1, 2, 3]
    assert order(ordering, worst, made(0, 0, 0, 1)) == [3, 0, 1, 2]
    assert order(ordering, worst, made(1, 0, 0, 0, known=3)) == [3, 0, 1, 2]
    assert order(ordering, worst, None) == [3, 0, 1, 2]
    assert order(ordering, worst, made(1, 0, 0, 0, known=3), key="b") == [0, 1, 2, 3]


def test_while_the_level_moves_pictures_do_not_jump() -> None:
    ordering, worst = Ordering(), Study(order="worst")
    assert order(ordering, worst, made(0, 0, 0, 1), moving=True) == [3, 0, 1, 2]
    assert order(ordering, worst, made(0, 1, 0, 0), moving=True) == [3, 0, 1, 2]
    assert order(ordering, worst, made(0, 1, 0, 0)) == [1, 0, 2, 3]
    assert order(ordering, Study(order="best"), made(0, 1, 0, 0), moving=True) == [0, 2, 3, 1]

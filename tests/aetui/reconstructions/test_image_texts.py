"""What is said about a page of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aetui.follow.entries import Entry
from aetui.reconstructions.answers import Made, Shown
from aetui.reconstructions.image_texts import info_line
from aetui.reconstructions.shelves import ImagePage, Result


def test_where_there_is_room_for_one_run_the_others_are_not_forgotten() -> None:
    x, one = np.zeros((1, 1, 2, 2), np.float32), np.arange(1)
    page = ImagePage(shown=Shown(x=x, index=one, key=()), places=one, all=one, labels=["#1"], classes=["0"])
    made = Made(x_hat=x, code=np.zeros((1, 1), np.float32), known=np.ones(1, bool), step=7)
    entry, result = Entry(path=Path("a"), name="a", state="finished"), Result(name="a", made=made)
    said = info_line(page, [entry], [result], "stored", "1 of 3 runs (] for others)", unicode=True)
    assert "1 of 3 runs (] for others)" in said
    assert "step 7" in said
    assert len(said) <= 80
    both = info_line(page, [entry] * 2, [result] * 2, "worst", "2 of 3 runs (] for others)", unicode=True)
    assert both.endswith("★ best of each image")
    assert len(both) <= 80
    alone = info_line(page, [entry], [result], "stored", "", unicode=True)
    assert "the network sees it clean" in alone

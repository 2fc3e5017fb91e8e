"""How texts are cut to a width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.text import clip, clip_middle, width_of


@given(st.text(), st.integers(0, 40))
def test_nothing_is_wider_than_asked_and_what_fits_stays(text: str, columns: int) -> None:
    for cut in (clip, clip_middle):
        assert width_of(cut(text, columns)) <= columns
        assert width_of(text) > columns or cut(text, columns) == text


def test_names_that_differ_at_their_ends_can_be_told_apart() -> None:
    names = [f"sweep-digits-20261125-141955-undercomplete-latent-dim-{dim}" for dim in (2, 5, 12)]
    cut = [clip_middle(name, 32) for name in names]
    assert cut[2] == "sweep-digit…mplete-latent-dim-12"
    assert len(set(cut)) == 3

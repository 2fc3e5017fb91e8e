"""How many images fit, and which way round."""

from __future__ import annotations

import pytest

from aetui.paint.look import Look
from aetui.paint.picture_places import places_for


@pytest.mark.parametrize("look", [Look(), Look(pixels="characters")])
@pytest.mark.parametrize("size", [(1, 1), (12, 3), (50, 19), (104, 45), (300, 95)])
@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (32, 32), (1, 40)])
def test_what_is_chosen_fits(size: tuple[int, int], shape: tuple[int, int], look: Look) -> None:
    places = places_for(*size, shape, 3, look, most=8)
    down = -(-places.images // places.groups)
    beside, below = (3 * places.groups, down) if places.across else (places.images, 3)
    wide, high = places.picture
    if wide:
        assert beside * (wide + 1) - 1 <= size[0]
        assert below * (high + 1) <= size[1]
    assert 1 <= places.images <= 8


def test_a_wide_room_has_several_images_beside_each_other() -> None:
    wide = places_for(270, 20, (28, 28), 3, Look(), most=8)
    assert wide.across
    assert wide.groups > 1
    assert not places_for(120, 46, (28, 28), 3, Look(), most=4).across
    high = places_for(60, 60, (28, 28), 3, Look(), most=8)
    assert (high.across, high.groups) == (True, 1)


def test_there_are_no_more_images_than_were_asked_for() -> None:
    assert places_for(300, 100, (8, 8), 3, Look(), most=2).images <= 2
    assert places_for(300, 100, (8, 8), 3, Look(), most=8, least=5).images >= 5

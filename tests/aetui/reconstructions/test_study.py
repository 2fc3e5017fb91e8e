"""What is set on the reconstructions screen, and that it survives any file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aetui.follow.entries import Entry
from aetui.reconstructions.answers import Noise
from aetui.reconstructions.study import Study, highest, kinds, stepped

CLEAN = Entry(path=Path("a"), name="a", state="finished", variant="sparse")
NOISY = replace(CLEAN, variant="denoising", corruption=("masking", 0.4))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def test_a_denoising_run_alone_is_shown_what_it_was_trained_for() -> None:
    assert Study().noise([NOISY], []) == Noise("masking", 0.4)
    assert Study().noise([CLEAN], [NOISY]) is None
    assert Study().noise([NOISY, CLEAN], []) is None
    assert Study(corrupt=False).noise([NOISY], []) is None


def test_other_runs_are_corrupted_on_demand_as_a_run_in_sight_was() -> None:
    assert Study(corrupt=True).noise([CLEAN], [NOISY]) == Noise("masking", 0.4)
    assert Study(corrupt=True).noise([CLEAN], []) == Noise("gaussian", 0.3)
    assert Study(corrupt=True, kind="salt-pepper", level=0.2, draw=3).noise([CLEAN], []) == Noise("salt-pepper", 0.2, 3)


def test_points_know_no_salt_and_pepper() -> None:
    assert kinds(points=True) == ("gaussian", "masking")
    found = Study(corrupt=True, kind="salt-pepper").noise([CLEAN], [], points=True)
    assert found is not None
    assert found.kind == "gaussian"


def test_the_slider_ends_at_one_or_above_the_trained_level() -> None:
    assert highest("gaussian", 0.3) == 1.0
    assert highest("gaussian", 1.5) == 2.0
    assert highest("masking", 1.5) == 1.0
    assert stepped(0.3, 0.01, 1.0) == 0.31
    assert stepped(0.95, 0.1, 1.0) == 1.0
    assert stepped(0.05, -0.1, 1.0) == 0.0


def test_what_was_set_comes_back() -> None:
    study = Study(
        image=5, moved=True, images=3, shown_class=2, order="worst", measure="ssim", corrupt=True, kind="masking",
        level=0.25, draw=4, limit=0.5,
    )  # fmt: skip
    restored = Study()
    restored.restore(json.loads(json.dumps(study.state())))
    assert restored == study


@given(st.fixed_dictionaries(dict.fromkeys(Study().state(), JSON)))
def test_a_hostile_state_does_no_harm(state: dict[str, object]) -> None:
    study = Study()
    study.restore(state)
    noise = study.noise([CLEAN], [])
    assert noise is None or 0 <= noise.level <= 10
    assert study.image >= 0
    json.dumps(study.state(), allow_nan=False)

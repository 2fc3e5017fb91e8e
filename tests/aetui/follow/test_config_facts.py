"""What config.toml says reaches an entry, and what it cannot mean does not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.follow.config_facts import LARGEST_IMAGE, WIDEST_CODE, config_facts, number

CONFIG: dict[str, Any] = {
    "schema": 1,
    "variant": "denoising",
    "data": "digits",
    "arch": "mlp",
    "batch_size": 64,
    "lr": 0.5,
    "denoising": {"corruption": "masking", "level": 0.25, "draw": "uniform", "clip": True},
    "resolved": {
        "image_shape": [1, 8, 8],
        "latent_dim": 16,
        "batch_size": 128,
        "lr": 0.003,
        "classes": ["0", "1"],
        "attribute_names": [],
    },
}


def test_a_config_says_what_the_screens_need() -> None:
    facts = config_facts(CONFIG)
    assert (facts["variant"], facts["data"], facts["arch"]) == ("denoising", "digits", "mlp")
    assert facts["options"] == CONFIG["denoising"]
    assert facts["corruption"] == ("masking", 0.25)
    assert facts["classes"] == ("0", "1")
    assert facts["image_shape"] == (1, 8, 8)
    assert facts["latent_dim"] == 16
    assert (facts["batch_size"], facts["learning_rate"]) == (128, 0.003)


def test_what_was_asked_counts_where_nothing_was_resolved() -> None:
    facts = config_facts({**CONFIG, "resolved": {}})
    assert (facts["batch_size"], facts["learning_rate"]) == (64, 0.5)
    assert facts["image_shape"] is None
    assert facts["latent_dim"] is None


@pytest.mark.parametrize("width", [0, -3, True, 2.0, "16", WIDEST_CODE + 1, 10**30, None, [16]])
def test_a_width_that_no_code_has_is_not_believed(width: Any) -> None:
    assert config_facts({**CONFIG, "resolved": {"latent_dim": width}})["latent_dim"] is None


@pytest.mark.parametrize(
    "shape", [[1, 8], [1, 8, 8, 8], [1, 8, 0], [1, 8, -8], [True, 8, 8], [1, 8.0, 8], "abc", 5, [1, LARGEST_IMAGE, 2]]
)
def test_a_shape_that_no_image_has_is_not_believed(shape: Any) -> None:
    assert config_facts({**CONFIG, "resolved": {"image_shape": shape}})["image_shape"] is None


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
KEYS = ("variant", "data", "arch", "resolved", "sparse", "latent_dim", "image_shape", "classes", "lr", "batch_size")


@given(st.dictionaries(st.sampled_from(KEYS), st.one_of(VALUES, st.dictionaries(st.sampled_from(KEYS), VALUES))))
def test_a_config_that_says_anything_breaks_nothing(config: dict[str, Any]) -> None:
    facts = config_facts(config)
    assert all(isinstance(value, str | bool | int | float) for value in facts["options"].values())
    assert all(isinstance(name, str) for name in facts["classes"])
    assert facts["learning_rate"] is None or math.isfinite(facts["learning_rate"])


def test_number_takes_numbers_alone() -> None:
    assert number(3) == 3.0
    for value in (True, "3", None, math.nan, math.inf, 10**400, [1]):
        assert number(value) is None

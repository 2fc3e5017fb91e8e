from __future__ import annotations

import re
from pathlib import Path

import pytest

from export.errors import ToolError
from trainer.naming import point_name, sweep_name, value_text


def test_a_sweep_without_a_name_is_dated_and_shares_its_name_with_no_other(tmp_path: Path) -> None:
    first = sweep_name(None, ["some/my pictures.npz"], tmp_path / "runs")
    assert re.fullmatch(r"sweep-my-pictures-\d{8}-\d{6}", first)
    assert re.fullmatch(r"sweep-\d{8}-\d{6}", sweep_name(None, ["digits", "mnist"], tmp_path))
    names = set()
    for _ in range(3):
        names.add(sweep_name(None, ["digits"], tmp_path))
        for name in names:
            (tmp_path / f"{name}-sparse").mkdir(exist_ok=True)
    assert len(names) == 3


@pytest.mark.parametrize("name", ["a/b", "", ".hidden", "a\nb", "x" * 201])
def test_a_sweeps_name_must_do_for_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolError, match="cannot be the name"):
        sweep_name(name, ["digits"], tmp_path)


def test_a_name_that_grows_too_long_is_refused() -> None:
    with pytest.raises(ToolError, match="cannot be the name"):
        point_name("x" * 190, "variational", {"latent_dim": 5})


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "0.001"), (4.0, "4"), (0.1 + 0.2, "0.30000000000000004"), (5, "5"), ((5, 6), "5,6"), ("auto", "auto")],
)
def test_a_value_is_written_short_and_means_the_same(value: object, text: str) -> None:
    assert value_text(value) == text
    if isinstance(value, float):
        assert float(text) == value

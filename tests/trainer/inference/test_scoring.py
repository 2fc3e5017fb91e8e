"""Scores of a job's images, and how well they tell two kinds apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from export.errors import ExitCode, ToolError
from export.scores import ROUNDING_VARIANCE
from trainer.inference.inputs import Inputs, open_inputs
from trainer.inference.labels import anomalous
from trainer.inference.models import Opened, open_bundle
from trainer.inference.scoring import Scored, auroc, score_images

from ..linear_bundles import Linear, linear_bundle

TRAINING = np.random.default_rng(1).random((500, 1, 8, 6)).astype(np.float32)
OTHERS = np.random.default_rng(2).random((30, 8, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("scored") / "scored", training=TRAINING)


@pytest.fixture(scope="module")
def opened(linear: Linear) -> Opened:
    return open_bundle(str(linear.folder), Path("runs"), "cpu")


def scored(opened: Opened, path: Path, size: int = 7) -> tuple[Scored, Inputs]:
    inputs = open_inputs([path], opened, limit=None, skip_bad=False, say=lambda text: None)
    return score_images(opened, inputs, opened.scores(), batch_size=size, done=lambda count: None), inputs


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_auroc_is_that_of_sklearn_ties_and_all(pairs: list[tuple[int, bool]]) -> None:
    values, labels = zip(*pairs, strict=True)
    if len(set(labels)) == 2:
        assert auroc(values, labels) == pytest.approx(roc_auc_score(labels, values), abs=1e-12)


def test_auroc_of_one_kind_is_none() -> None:
    with pytest.raises(ValueError, match="two kinds"):
        auroc([1, 2], [True, True])


def test_scores_are_what_their_formulas_say(linear: Linear, opened: Opened, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", OTHERS)
    x = OTHERS[:, np.newaxis]
    found, _ = scored(opened, tmp_path / "x.npy")
    errors = linear.errors(x)
    np.testing.assert_allclose(found.columns["error"], errors, rtol=1e-5)
    variances = x.astype(np.float64).reshape(30, -1).var(axis=1)
    np.testing.assert_allclose(found.columns["relative-error"], errors / (variances + ROUNDING_VARIANCE), rtol=1e-5)
    codes = linear.code(TRAINING)
    apart = linear.code(x) - codes.mean(axis=0)
    covariance = np.cov(codes.T, bias=True)
    distances = np.sqrt(np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart))
    np.testing.assert_allclose(found.columns["distance"], distances, rtol=1e-4)
    known = linear.errors(TRAINING)
    wanted = 100 * (known[:, np.newaxis] < errors).mean(axis=0)
    np.testing.assert_allclose(found.columns["error-percentile"], wanted, atol=0.25)
    highest = np.max([found.columns[f"{name}-percentile"] for name in ("error", "relative-error", "distance")], axis=0)
    np.testing.assert_array_equal(found.columns["highest-percentile"], highest)


def test_the_ranking_begins_with_the_largest_and_keeps_ties_in_order() -> None:
    columns = {"error": np.array([1.0, 3, 2, 3]), "distance": np.array([5.0, 5, 9, 5])}
    found = Scored(np.arange(4), columns)
    assert found.order("error").tolist() == [1, 3, 2, 0]
    assert found.order("distance").tolist() == [2, 1, 3, 0]


def test_points_have_no_relative_error(tmp_path: Path) -> None:
    training = np.random.default_rng(3).standard_normal((200, 1, 1, 2)).astype(np.float32)
    linear_bundle(tmp_path / "points", (1, 1, 2), latent=2, training=training)
    np.save(tmp_path / "x.npy", np.array([[0, 0], [50, -50]], np.float32))
    found, _ = scored(open_bundle(str(tmp_path / "points"), Path("runs"), "cpu"), tmp_path / "x.npy")
    assert list(found.columns) == [
        "error",
        "error-percentile",
        "distance",
        "distance-percentile",
        "highest-percentile",
    ]
    assert found.columns["distance-percentile"][1] == 100


def labels_of(opened: Opened, tmp_path: Path, given: str) -> list[bool]:
    np.save(tmp_path / "x.npy", OTHERS[:4])
    found, inputs = scored(opened, tmp_path / "x.npy")
    return anomalous(given, inputs, found.numbers).tolist()


def test_labels_come_from_an_array_or_a_table(opened: Opened, tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.array([0, 1, 1, 0]))
    (tmp_path / "l.csv").write_text("label,name\nbad,x-03\ngood,x-00\n1,x-01\nNormal,x-02\n")
    assert labels_of(opened, tmp_path, str(tmp_path / "l.npy")) == [False, True, True, False]
    assert labels_of(opened, tmp_path, str(tmp_path / "l.csv")) == [False, True, False, True]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("l.csv", "name,label\nx-00,good\n", "no label for x-01"),
        ("l.csv", "name,label\nx-00,good\nx-01,ok\n", "'ok'"),
        ("l.csv", "file,class\nx-00,good\n", "no table"),
        ("l.csv", "name,label\nx-00,0\nx-01,0\nx-02,0\nx-03,0\n", "every image normal"),
        ("gone.csv", None, "no labels at"),
        ("folders", None, "no sub-folder"),
    ],
)
def test_labels_that_say_too_little_are_refused(
    opened: Opened, tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(ToolError) as caught:
        labels_of(opened, tmp_path, name if name == "folders" else str(tmp_path / name))
    assert caught.value.exit_code == ExitCode.USAGE
    assert says in caught.value.what

"""``aetrain score``: what stands first, what is written down, and what is said where it cannot be known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from sklearn.metrics import roc_auc_score

from export.errors import ExitCode
from trainer import cli

from ..linear_bundles import Linear, linear_bundle, replace_scores
from .calling import printed, refused

SHAPE = (1, 8, 6)
TRAINING = np.random.default_rng(1).random((500, *SHAPE)).astype(np.float32)
COLUMNS = ["error", "error_percentile", "relative_error", "relative_error_percentile"]
COLUMNS += ["distance", "distance_percentile", "highest_percentile"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Linear:
    return linear_bundle(tmp_path_factory.mktemp("scored") / "scored", SHAPE, training=TRAINING)


def test_the_most_unusual_stand_first_by_any_score(linear: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", TRAINING[:30])
    for sort in ("error", "relative-error", "distance", "distance-percentile", "highest-percentile"):
        found = printed(capsys, "score", linear.folder, "x.npy", "--sort", sort, "--top", 7)
        values = [row[sort.replace("-", "_")] for row in found["top"]]
        assert values == sorted(values, reverse=True)
        assert len(values) == 7
        assert found["images"] == 30


def test_every_image_is_written_down_in_numbers_that_lose_nothing(
    linear: Linear, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("x.npy", TRAINING[:30])
    found = printed(capsys, "score", linear.folder, "x.npy", "--output", "s.csv", "--top", 30)["top"]
    printed(capsys, "score", linear.folder, "x.npy", "--output", "s.json", "--top", 1)
    assert json.loads(Path("s.json").read_text()) == found
    with Path("s.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["name", *COLUMNS]
    assert [{"name": row.pop("name")} | {name: float(text) for name, text in row.items()} for row in rows] == found
    errors = dict(zip([f"x-{number:02d}" for number in range(30)], linear.errors(TRAINING[:30]), strict=True))
    assert {row["name"]: row["error"] for row in found} == pytest.approx(errors, rel=1e-5)


def test_a_flat_image_passes_the_99th_percentile_however_well_it_is_drawn(
    linear: Linear, capsys: pytest.CaptureFixture[str]
) -> None:
    best = linear.decode(np.zeros((1, 3))).mean()
    np.save("flat.npy", np.full((1, 8, 6), best, np.float32))
    (row,) = printed(capsys, "score", linear.folder, "flat.npy")["top"]
    assert row["error_percentile"] < 1
    assert row["relative_error_percentile"] == 100
    assert row["highest_percentile"] == 100


def test_auroc_per_score_is_that_of_sklearn(linear: Linear, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(3)
    for kind, spread in (("good", 0.2), ("scratch", 0.3), ("hole", 0.5)):
        Path("test", kind).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(random.normal(0.5, spread, (8, 6)), 0, 1)
            PIL.Image.fromarray((pixels * 255).astype(np.uint8)).save(f"test/{kind}/{number}.png")
    found = printed(capsys, "score", linear.folder, "test", "--labels", "folders", "--top", 99)
    truth = [row["anomalous"] for row in found["top"]]
    assert sum(truth) == 24
    for name, value in found["auroc"].items():
        scores = [row[name.replace("-", "_")] for row in found["top"]]
        assert value == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    assert list(found["auroc"]) == ["error", "relative-error", "distance", "highest-percentile"]


def test_a_bundle_without_scores_gives_raw_errors_and_says_how_to_get_the_rest(
    linear: Linear, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = linear_bundle(tmp_path / "bare", SHAPE)
    assert cli.run(["score", str(bare.folder), "--json"]) == 0
    out, err = capsys.readouterr()
    assert "export the run again" in err
    assert set(json.loads(out)["top"][0]) == {"name", "error", "relative_error"}
    error = refused("score", bare.folder, "--sort", "distance")
    assert error.exit_code == ExitCode.USAGE
    assert "export the run again" in error.do


def test_scores_that_were_tampered_with_are_refused(linear: Linear, tmp_path: Path) -> None:
    other = linear_bundle(tmp_path / "other", SHAPE, latent=4, training=TRAINING)
    own = (linear.folder / "scores.npz").read_bytes()
    for content, says in ((own, "3 wide"), (own[:-9], "scores.npz"), (b"x" * 40, "scores.npz")):
        replace_scores(other.folder, content)
        error = refused("score", other.folder)
        assert error.exit_code == ExitCode.DAMAGED
        assert says in error.what
    (other.folder / "scores.npz").write_bytes(own)
    assert "sha256" in refused("score", other.folder).what or "bytes" in refused("score", other.folder).what


def test_the_table_shows_percentiles_and_how_many_more_there_are(
    linear: Linear, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("x.npy", TRAINING[:30])
    assert cli.run(["score", str(linear.folder), "x.npy", "--top", "4"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 5
    assert out.splitlines()[0].split() == ["name", "error", "%", "relative", "error", "%", "distance", "%"]
    assert "26 more" in err

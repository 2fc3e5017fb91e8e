from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.latent.attributes import attributed
from aetui.latent.dimensions import dimensions_of
from aetui.latent.encoded import Encoded
from aetui.latent.load import Source
from trainer.runs.probe import Probe
from trainer.runs.samples import COMPONENTS, UNITS, Sample

N = 400


def encoded(width: int, labels: np.ndarray | None = None, count: int = 64) -> Encoded:
    code = np.random.default_rng(0).normal(size=(count, width)).astype(np.float32)
    probe = Probe(
        images=np.zeros((count, 1, 2, 2), np.uint8),
        labels=np.full(count, -1) if labels is None else labels,
        index=np.arange(count),
    )
    return Encoded(
        entry=Entry(path=Path("a"), name="a", state="finished"),
        key=(),
        probe=probe,
        x=probe.pixels(),
        code=code,
        posterior=None,
        dimensions=dimensions_of(code, None),
        step=7,
    )


def sample(latent: np.ndarray, attributes: np.ndarray | None, units: np.ndarray | None = None) -> Sample:
    return Sample(
        latent=latent.astype(np.float16),
        labels=np.full(len(latent), -1),
        index=np.arange(len(latent)),
        reconstruction=np.zeros((1, 1, 2, 2), np.uint8),
        attributes=None if attributes is None else attributes.astype(np.float32),
        units=units,
    )


def source(one: Encoded, frame: Sample | None, names: tuple[str, ...] = ()) -> Source:
    return Source(probe=one.probe, sample=frame, step=40, attribute_names=names)


def test_the_frame_says_which_dimension_follows_which_attribute() -> None:
    draw = np.random.default_rng(1)
    attributes = draw.uniform(size=(N, 2))
    latent = np.stack([draw.normal(size=N), attributes[:, 1] * 3 - 1, attributes[:, 0]], axis=1)
    one = encoded(3)
    found = attributed(source(one, sample(latent, attributes), ("smile",)), one)
    assert found is not None
    assert found.names == ("smile", "attribute 2")
    assert (found.information.best(0), found.information.best(1)) == (2, 1)
    assert found.information.shared[2, 0] > 0.95
    assert (found.count, found.step, found.from_probe) == (N, 40, False)
    assert found.low[1] == pytest.approx(-1, abs=0.1)
    assert found.high[1] == pytest.approx(2, abs=0.1)


def test_of_a_wide_code_the_stored_units_are_compared_and_named() -> None:
    draw = np.random.default_rng(1)
    attributes = draw.uniform(size=(N, 1))
    units = np.arange(UNITS) * 3
    latent = draw.normal(size=(N, COMPONENTS + UNITS))
    latent[:, COMPONENTS + 5] = attributes[:, 0]
    one = encoded(100)
    found = attributed(source(one, sample(latent, attributes, units)), one)
    assert found is not None
    assert found.dimensions.tolist() == units.tolist()
    assert found.dimensions[found.information.best(0)] == 15


def test_classes_count_as_one_attribute() -> None:
    labels = np.arange(64) % 4
    one = encoded(2, labels)
    one.code[:, 1] = labels
    found = attributed(source(one, None), one)
    assert found is not None
    assert found.names == ("class",)
    assert found.information.shared[1, 0] == pytest.approx(1)
    assert (found.count, found.step, found.from_probe) == (64, 7, True)


def test_a_frame_of_another_width_is_of_another_model() -> None:
    labels = np.arange(64) % 4
    one = encoded(2, labels)
    found = attributed(source(one, sample(np.zeros((N, 5)), np.zeros((N, 1)))), one)
    assert found is not None
    assert found.from_probe


def test_nothing_known_or_too_few_images_is_nothing() -> None:
    assert attributed(source(encoded(2), None), encoded(2)) is None
    assert attributed(source(encoded(2), sample(np.zeros((N, 2)), None)), encoded(2)) is None
    few = encoded(2, np.arange(10) % 3, count=10)
    assert attributed(source(few, None), few) is None

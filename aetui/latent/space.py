"""``Space``: the codes of many images, the axes along which they can be looked at, and how a place becomes a code.

``of_codes`` makes one of whole codes, ``of_projections`` one of a frame that stores a wide code's projections only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.latent.nearest import Codes, gaps
from aetui.latent.pca import principal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COMPONENTS = 8
"""So many principal components can be looked at."""

WIDEST = 64
"""Of a code of more dimensions the ``UNITS`` most active ones can be looked at, and the principal components."""
UNITS = 32

FAR = 0.99
"""Farther from its nearest code than this share of the images are from theirs: far from the data."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Axis:
    """One direction through the codes.

    values: float32 [n], where each image lies along it. direction: float32 [d], how the code changes per unit.
    mean: where ``Space.base`` lies along it. prior: where the mean of N(0, I) lies.
    """

    name: str
    values: Codes
    direction: Codes
    mean: float
    prior: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Space:
    """axes: by kind, ``dims`` or ``pca`` (a kind may be missing, never both); each has at least two axes.

    base: float32 [d], the mean code. labels: int64 [n], −1: none. attributes: float32 [n, A] or None.
    index: int64 [n], rows of the test split. step: of the weights that gave the codes.
    measured: float32 [n, m], what distances are taken of: the codes, or their projections. to_measured: float32 [d, m]
    or None, how a code's difference from ``base`` is projected. probe_measured: float32 [p, m], of the probe images.
    own_gaps: float64 [n], ascending: how far each code is from the nearest other one.
    explained: the share of the probe codes' variance that estimated directions explain; None: they are exact.
    """

    axes: Mapping[str, tuple[Axis, ...]]
    base: Codes
    labels: Ints
    attributes: Codes | None
    index: Ints
    step: int
    measured: Codes
    to_measured: Codes | None
    probe_measured: Codes
    own_gaps: Floats
    explained: float | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def width(self) -> int:
        """d, how wide a code is."""
        return len(self.base)

    @property
    def typical_gap(self) -> float:
        """The median distance of a code from the nearest other one."""
        return float(np.median(self.own_gaps)) if len(self.own_gaps) else 0.0

    @property
    def far_gap(self) -> float:
        """Farther than this from the nearest code is far from the data."""
        return float(np.quantile(self.own_gaps, FAR)) if len(self.own_gaps) else 0.0

    def codes(self, x: Axis, y: Axis, a: npt.ArrayLike, b: npt.ArrayLike, row: int | None = None) -> Codes:
        """The codes at (a, b) [n] of the plane of x and y: float32 [n, d].

        What the plane does not say is that of the mean code, or of image ``row``.
        """
        start, at_x, at_y = self.base, x.mean, y.mean
        if row is not None:
            start, at_x, at_y = self.code_of(row), float(x.values[row]), float(y.values[row])
        along_x = (np.asarray(a, np.float64) - at_x)[:, None] * x.direction
        along_y = (np.asarray(b, np.float64) - at_y)[:, None] * y.direction
        return np.asarray(start + along_x + along_y, np.float32)

    def code_of(self, row: int) -> Codes:
        """The code of an image, float32 [d]; of projections what they and the known units tell of it."""
        if self.to_measured is None:
            return np.asarray(self.measured[row], np.float32)
        code = self.base.astype(np.float64)
        for axis in self.axes["pca"]:
            code += axis.values[row] * axis.direction
        for axis in self.axes["dims"]:
            code[axis.direction > 0] = axis.values[row]
        return code.astype(np.float32)

    def measure(self, codes: Codes, row: int | None = None) -> Codes:
        """codes: [n, d] → what distances to ``measured`` are taken of, float32 [n, m].

        row: the image whose other dimensions they have; its own code then lies at no distance from itself.
        """
        if self.to_measured is None:
            return codes
        if row is None:
            return np.asarray((codes - self.base) @ self.to_measured, np.float32)
        return np.asarray(self.measured[row] + (codes - self.code_of(row)) @ self.to_measured, np.float32)

    def first_plane(self, *, variational: bool) -> tuple[str, int, int]:
        """Kind and two axes to begin with: the widest dimensions of a distribution, else principal components."""
        dims = self.axes.get("dims", ())
        if "pca" in self.axes and not variational and self.width > 2:
            return "pca", 0, 1
        if self.width <= 2:
            return "dims", 0, 1
        widths = [float(axis.values.std()) for axis in dims]
        first, second = sorted(np.argsort(widths)[-2:].tolist())
        return "dims", first, second


def of_codes(codes: Codes, labels: Ints, attributes: Codes | None, index: Ints, probe_codes: Codes, step: int) -> Space:
    """codes: float32 [n, d], n, d ≥ 1, of as many images; probe_codes: float32 [p, d]."""
    n, d = codes.shape
    base = codes.mean(axis=0, dtype=np.float64)
    shown = list(range(d))
    if d > WIDEST:
        shown = sorted(np.argsort(-np.abs(codes).mean(axis=0), kind="stable")[:UNITS].tolist())
    dims = [
        Axis(
            name=f"z{i + 1}" if d <= WIDEST else f"unit {i + 1}",
            values=codes[:, i],
            direction=_unit(d, i),
            mean=float(base[i]),
            prior=0.0,
        )
        for i in shown
    ]
    axes = {"dims": tuple(dims) if d > 1 else (*dims, _spread(n, d))}
    if d > 1:
        found = principal(codes, min(COMPONENTS, d))
        scores = found.scores(codes).astype(np.float32)
        axes["pca"] = tuple(
            Axis(
                name=f"pc{i + 1}",
                values=scores[:, i],
                direction=direction.astype(np.float32),
                mean=0.0,
                prior=-float(found.mean @ direction),
            )
            for i, direction in enumerate(found.directions)
        )
    return Space(
        axes=axes,
        base=base.astype(np.float32),
        labels=labels,
        attributes=attributes,
        index=index,
        step=step,
        measured=codes,
        to_measured=None,
        probe_measured=probe_codes,
        own_gaps=np.sort(gaps(codes)),
    )


def of_projections(
    latent: Codes,
    units: Ints,
    labels: Ints,
    attributes: Codes | None,
    index: Ints,
    probe_codes: Codes,
    probe_index: Ints,
    step: int,
) -> Space:
    """Of a wide code's projections on 8 principal components and its 32 most active units, float32 [n, 8 + 32].

    What a step along a component does to the other units is estimated by least squares: the components of the probe
    images, whose whole codes float32 [p, d] are known, follow from their 32 units (or are known, where they are among
    the n images), and their codes are regressed on them. The units' own part is exact: all n images give it.
    """
    d = probe_codes.shape[1]
    count = latent.shape[1] - len(units)
    scores, known = latent[:, :count].astype(np.float64), latent[:, count:].astype(np.float64)
    of_probe = _with_one(probe_codes[:, units]) @ _solve(_with_one(known), scores)
    rows = {int(number): row for row, number in enumerate(index)}
    for place, number in enumerate(probe_index.tolist()):
        if number in rows:
            of_probe[place] = scores[rows[number]]
    fitted = _solve(_with_one(of_probe), probe_codes)
    fitted[:, units] = _solve(_with_one(scores), known)
    estimated = _with_one(of_probe) @ fitted
    spread = float(((probe_codes - probe_codes.mean(axis=0)) ** 2).sum())
    explained = 1 - float(((probe_codes - estimated) ** 2).sum()) / spread if spread > 0 else 1.0
    base, directions = fitted[0], fitted[1:]
    pca = [
        Axis(name=f"pc{i + 1}", values=latent[:, i], direction=directions[i].astype(np.float32), mean=0.0, prior=0.0)
        for i in range(count)
    ]
    dims = [
        Axis(
            name=f"unit {unit + 1}",
            values=latent[:, count + i],
            direction=_unit(d, unit),
            mean=float(base[unit]),
            prior=0.0,
        )
        for i, unit in enumerate(units.tolist())
    ]
    return Space(
        axes={"pca": tuple(pca), "dims": tuple(dims)},
        base=base.astype(np.float32),
        labels=labels,
        attributes=attributes,
        index=index,
        step=step,
        measured=np.ascontiguousarray(latent[:, :count]),
        to_measured=np.linalg.pinv(directions).astype(np.float32),
        probe_measured=of_probe.astype(np.float32),
        own_gaps=np.sort(gaps(latent[:, :count])),
        explained=max(0.0, explained),
    )


def _unit(d: int, i: int) -> Codes:
    direction = np.zeros(d, np.float32)
    direction[i] = 1
    return direction


def _spread(n: int, d: int) -> Axis:
    """No dimension: the images of a code of one dimension side by side instead of over each other.

    Heights by van der Corput's sequence, which fills [0, 1) evenly however many there are.
    """
    rows = np.arange(n, dtype=np.int64)
    bits = (rows[:, None] >> np.arange(32)) & 1
    heights = (bits / 2.0 ** np.arange(1, 33)).sum(axis=1).astype(np.float32)
    return Axis(name="spread", values=heights, direction=np.zeros(d, np.float32), mean=0.5, prior=0.5)


def _with_one(columns: npt.NDArray[np.floating]) -> Floats:
    """A first column of ones: the intercept."""
    return np.concatenate([np.ones((len(columns), 1)), columns.astype(np.float64)], axis=1)


def _solve(columns: Floats, wanted: npt.ArrayLike) -> Floats:
    return np.asarray(np.linalg.lstsq(columns, np.asarray(wanted, np.float64), rcond=None)[0])

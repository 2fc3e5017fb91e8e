"""Does a dimension of the code stand for one attribute of the image? MIG and DCI, where the attributes are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 20
"""Equal steps from the lowest to the highest value, between which mutual information tells no difference."""

MIG_IMAGES = 10_000
"""Training images behind MIG: 20 × 20 cells want many."""
DCI_IMAGES = 5_000
"""Training images behind DCI's predictors."""

_CANDIDATES = 32

Floats = npt.NDArray[np.floating]


def mig(codes: Floats, attributes: Floats) -> float:
    """The mutual information gap, 0 to 1: by how much the dimension that knows most of an attribute beats the next.

    codes: [n, d]; attributes: [n, a]. The gap is divided by the attribute's entropy and averaged over the attributes
    that have one; both sides are cut into ``BINS``.
    Source: Chen, Li, Grosse & Duvenaud 2018, "Isolating sources of disentanglement in VAEs", section 4; the bins as in
    Locatello et al. 2019.
    """
    entropies = np.array([_entropy(np.bincount(_bins(column))) for column in attributes.T])
    nothing = np.zeros((1, attributes.shape[1]))
    *_, second, first = np.sort(np.vstack([mutual_information(codes, attributes), nothing]), axis=0)
    return float(((first - second)[entropies > 0] / entropies[entropies > 0]).mean())


def mutual_information(codes: Floats, attributes: Floats) -> npt.NDArray[np.float64]:
    """I(zᵢ; vⱼ) in nats, between histograms of ``BINS`` bins. [n, d], [n, a] → [d, a]."""
    cut_attributes = [_bins(column) for column in attributes.T]
    found = np.empty((codes.shape[1], attributes.shape[1]))
    for i, column in enumerate(codes.T):
        cut = _bins(column)
        for j, other in enumerate(cut_attributes):
            together = np.bincount(cut * BINS + other, minlength=BINS * BINS).reshape(BINS, BINS)
            found[i, j] = _entropy(together.sum(0)) + _entropy(together.sum(1)) - _entropy(together.ravel())
    return found.clip(min=0)


def dci(codes: Floats, attributes: Floats, test_codes: Floats, test_attributes: Floats) -> dict[str, float]:
    """Disentanglement, completeness and informativeness, each 0 to 1.

    codes: [n, d], attributes: [n, a] to learn from, the others to be tested on; an attribute that never changes is left
    out. Disentanglement: how far each dimension matters for one attribute only; completeness: how far each attribute is
    in one dimension only; informativeness: R² of predicting the attributes of the test images, ≥ 0, the mean over them.
    Importance is that of a random forest: it sees what is not linear, and takes seconds where boosted
    trees take minutes.
    Source: Eastwood & Williams 2018, "A framework for the quantitative evaluation of disentangled representations".
    """
    from sklearn.ensemble import RandomForestRegressor

    changing = attributes.min(axis=0) < attributes.max(axis=0)
    attributes, test_attributes = attributes[:, changing], test_attributes[:, changing]
    importance = np.zeros((codes.shape[1], attributes.shape[1]))
    information = mutual_information(codes, attributes)
    accuracies = []
    for j in range(attributes.shape[1]):
        # Trees look at every dimension at every turn; of a wide code they get those that know most.
        seen = np.sort(np.argsort(-information[:, j], kind="stable")[:_CANDIDATES])
        forest = RandomForestRegressor(n_estimators=10, max_depth=10, random_state=0)
        forest.fit(codes[:, seen], attributes[:, j])
        importance[seen, j] = forest.feature_importances_
        accuracies.append(max(0.0, forest.score(test_codes[:, seen], test_attributes[:, j])))
    return {
        "disentanglement": concentration(importance),
        "completeness": concentration(importance.T),
        "informativeness": float(np.mean(accuracies)),
    }


def scores(codes: Floats, attributes: Floats, test_codes: Floats, test_attributes: Floats) -> dict[str, float]:
    """MIG on the first ``MIG_IMAGES`` and DCI learnt from the first ``DCI_IMAGES``, under the names of their keys."""
    few = slice(DCI_IMAGES)
    found = dci(codes[few], attributes[few], test_codes, test_attributes)
    return {
        "mig": mig(codes[:MIG_IMAGES], attributes[:MIG_IMAGES]),
        **{f"dci_{name}": value for name, value in found.items()},
    }


def concentration(importance: npt.NDArray[np.float64]) -> float:
    """1 where each row has one entry, 0 where its entries are equal: 1 − entropy / log columns, rows weighted."""
    rows = importance.sum(axis=1)
    total, columns = rows.sum(), importance.shape[1]
    if total == 0 or columns == 1:
        return 0.0 if total == 0 else 1.0
    entropies = np.array([_entropy(row) for row in importance])
    return float(((1 - entropies / np.log(columns)) * rows).sum() / total)


def _bins(column: Floats) -> npt.NDArray[np.intp]:
    low, high = column.min(), column.max()
    if high == low:
        return np.zeros(len(column), np.intp)
    bins: npt.NDArray[np.intp] = np.minimum(((column - low) / (high - low) * BINS).astype(np.intp), BINS - 1)
    return bins


def _entropy(counts: npt.NDArray[Any]) -> float:
    """In nats, of what is proportional to ``counts``; 0 for nothing at all."""
    total = counts.sum()
    share = counts[counts > 0] / total if total else np.ones(1)
    return float(-(share * np.log(share)).sum())

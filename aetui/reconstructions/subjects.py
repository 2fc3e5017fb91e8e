"""Whose reconstructions are held side by side: variants, marked runs, runs of different code widths."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from aetui.follow.entries import Entry
from aetui.probes import probe_of
from export.errors import ToolError
from trainer.runs.probe import Probe
from trainer.variants import VARIANTS


def side_by_side(entries: Sequence[Entry], marked: Sequence[Entry], entry: Entry | None) -> list[Entry]:
    """The marked runs where several have a model, else the newest run of each variant on the data of ``entry``.

    entries: all there are, the newest first. ``entry`` itself stands for its variant.
    """
    chosen = [one for one in marked if one.model is not None]
    if len(chosen) > 1:
        return chosen
    if entry is None:
        return []
    newest: dict[str, Entry] = {entry.variant: entry} if entry.model is not None else {}
    for found in entries:
        if found.model is not None and found.data == entry.data:
            newest.setdefault(found.variant, found)
    order = [*VARIANTS, *newest]
    return sorted(newest.values(), key=lambda found: order.index(found.variant))


def of_all_widths(entries: Sequence[Entry], marked: Sequence[Entry], entry: Entry | None) -> list[Entry]:
    """Runs like ``entry`` (or like the first marked one) that differ in the width of their code, narrow ones first.

    Of each width the marked one, else ``entry``, else the newest one that has a model. entries: the newest first.
    """
    like = entry if entry is not None and entry.latent_dim is not None else next(iter(marked), None)
    if like is None:
        return []
    found: dict[int, Entry] = {}
    for one in (*marked, like, *entries):
        same = (one.data, one.variant, one.arch) == (like.data, like.variant, like.arch)
        if same and one.model is not None and one.latent_dim is not None:
            found.setdefault(one.latent_dim, one)
    return [found[width] for width in sorted(found)]


def of_shape(found: Sequence[Entry], shape: tuple[int, ...]) -> list[Entry]:
    """Those whose probe images are [n, *``shape``]; where one has none to be read its model will tell."""

    def fits(entry: Entry) -> bool:
        try:
            return probe_of(entry).images.shape[1:] == shape
        except ToolError:
            return True

    return [entry for entry in found if fits(entry)]


def first_probe(found: Sequence[Entry]) -> Probe:
    """The images that all of ``found``, one at least, are shown: of the first that has some. Raises ToolError."""
    error: ToolError | None = None
    for entry in found:
        try:
            return probe_of(entry)
        except ToolError as first:
            error = error or first
    assert error is not None
    raise error


def window(found: list[Entry], entry: Entry | None, most: int) -> list[Entry]:
    """At most ``most`` (≥ 1) neighbours, ``entry`` among them where it is one of ``found``."""
    paths = [one.path for one in found]
    at = paths.index(entry.path) if entry is not None and entry.path in paths else 0
    first = max(0, min(at - most // 2, len(found) - most))
    return found[first : first + most]


def short_names(entries: Sequence[Entry]) -> list[str]:
    """What tells them apart: the variants where these differ, else the names without their common beginning."""
    variants = [entry.variant for entry in entries]
    if len(set(variants)) == len(variants):
        return variants
    names = [entry.name for entry in entries]
    letters = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    common = "".join(column[0] for column in letters)
    cut = max(common.rfind("-"), common.rfind("_")) + 1
    shortened = [name[cut:] for name in names]
    return shortened if all(shortened) else names

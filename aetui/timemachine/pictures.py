"""What the time machine shows of one moment of a training: curves, pictures, the map of the codes. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aetui.field.plane import window_of
from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.latent.colouring import Colouring, colourings
from aetui.latent.pca import Components
from aetui.paint.classes import Groups
from aetui.paint.images import Image
from aetui.paint.look import Look
from aetui.paint.panels import Panel
from aetui.paint.points import are_points, as_shown
from aetui.paint.scatter import Scatter
from aetui.paint.series import Series as Drawn
from aetui.terminal.outside_text import plain
from aetui.timemachine.timeline import coordinates, limits, name_of
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample


@dataclass(frozen=True, kw_only=True, eq=False)
class Moment:
    """The frame of a run at a step, and that of another run at the step nearest to it, or None.

    attribute_names: of what is known of the images, as far as the run names it.
    """

    entry: Entry
    step: int
    frame: Sample
    other: tuple[Entry, int, Sample] | None = None
    attribute_names: tuple[str, ...] = ()

    def colouring(self, number: int) -> Colouring:
        """One of the ways in which the dots of the map are coloured: by class, by an attribute; round the end."""
        frame = self.frame
        found = colourings(frame.labels, frame.attributes, self.attribute_names, self.entry.class_name)
        return found[number % len(found)]


def curves_at(entry: Entry, other: Entry | None, term: str, steps: list[int]) -> Panel:
    """One term of a run over its steps, the steps that have a frame marked below; the other run's dashed."""
    made = []
    for colour, split in enumerate(("train", "validation")):
        found = entry.series.get((split, term))
        if found is not None:
            made.append(Drawn(found.steps, found.values, split, colour))
        beside = other.series.get((split, term)) if other is not None else None
        if beside is not None and other is not None:
            made.append(Drawn(beside.steps, beside.values, f"{other.name} {split}", colour + 2, dashed=True))
    return Panel(made, marks=tuple(float(step) for step in steps))


def pictures_of(moment: Moment, probe: Probe, index: int) -> list[Image]:
    """A probe image, what the run made of it then, and what the other run made of it where there is one."""
    frames = [moment.frame, *([moment.other[2]] if moment.other is not None else [])]
    shown: list[Image] = [probe.images[index]]
    for frame in frames:
        has = index < len(frame.reconstruction)
        shown.append(frame.reconstruction[index] if has else np.zeros_like(probe.images[index]))
    if are_points(probe.images):
        return list(as_shown(np.stack([np.asarray(image, np.float32) for image in shown]), probe.pixels()))
    return shown


def captions(moment: Moment, probe: Probe, index: int, *, columns: int) -> list[str]:
    """For each of ``pictures_of``, ``columns`` wide: the class, then the mean squared errors."""
    name = moment.entry.class_name(int(probe.labels[index]))
    texts = [name or f"image {index + 1}"]
    for frame in [moment.frame, *([moment.other[2]] if moment.other is not None else [])]:
        if index >= len(frame.reconstruction) or frame.reconstruction.shape[1:] != probe.images.shape[1:]:
            texts.append("")
            continue
        error = f"{_error(frame.reconstruction[index], probe.images[index]):.4f}"
        texts.append(
            next(text for text in (f"mse {error}", error, error[1:5]) if len(text) <= columns or text == error[1:5])
        )
    return texts


def _error(made: np.ndarray, image: np.ndarray) -> float:
    scale = 255.0 if image.dtype == np.uint8 else 1.0
    return float((((made.astype(np.float64) - image) / scale) ** 2).mean())


def plane_of(moment: Moment, probe: Probe, look: Look) -> Scatter:
    """The reconstructions of points of the plane by class, the points themselves quietly behind."""
    cloud = probe.pixels().reshape(-1, 2).astype(np.float64)
    made = moment.frame.reconstruction.reshape(len(moment.frame.reconstruction), -1)[:, :2].astype(np.float64)
    labels = probe.labels[: len(made)]
    window = window_of(cloud)
    return Scatter(
        points=np.concatenate([cloud, made]),
        group=np.concatenate([np.full(len(cloud), -1), labels]).astype(np.int64),
        groups=groups_of(moment.entry, labels, look),
        x_range=(window.left, window.right),
        y_range=(window.bottom, window.top),
        shaded=False,
    )


def map_of(
    moment: Moment,
    last: Sample,
    pair: tuple[int, int],
    components: Components | None,
    look: Look,
    *,
    colour: int = 0,
) -> Scatter:
    """The codes of a moment on the axes of the last frame, whose ranges hold for all of them.

    colour: which of the moment's colourings.
    """
    fitting = components is None or moment.frame.latent.shape[1] == len(components.mean)
    projection = components if fitting else None
    x_range, y_range = limits(coordinates(last, pair, projection))
    points = np.nan_to_num(coordinates(moment.frame, pair, projection), nan=np.inf)
    flat = last.latent.shape[1] < 2
    width = max(1, last.latent.shape[1])
    if components is not None:
        width = len(components.directions)
    across, up = (min(one, width - 1) for one in pair)
    colouring = moment.colouring(colour)
    names = tuple(plain(name, 24, unicode=look.unicode) for name in colouring.names)
    return Scatter(
        points=points,
        group=colouring.group,
        groups=Groups(names=names, ordered=colouring.ordered),
        x_range=x_range,
        y_range=(-1.5, float(max(1, int(last.labels.max(initial=0)))) + 0.5) if flat else y_range,
        x_name=name_of(last, across, components=components is not None),
        y_name="class" if flat else name_of(last, up, components=components is not None),
    )


def groups_of(entry: Entry, labels: np.ndarray, look: Look) -> Groups:
    """The classes by their names."""
    count = int(labels.max(initial=-1)) + 1
    return Groups(names=tuple(plain(entry.class_name(label), 24, unicode=look.unicode) for label in range(count)))


def table(entry: Entry, steps: list[int]) -> str:
    """Every term of both splits at the steps that have a frame, as lines with tabs between."""
    columns = sorted(entry.series)
    lines = ["\t".join(["step", *(f"{split} {term}" for split, term in columns)])]
    lines += ["\t".join([str(step), *(value_at(entry.series[one], step) for one in columns)]) for step in steps]
    return "\n".join(lines)


def value_at(series: Series, step: int) -> str:
    """The value logged last at or before a step; empty where there is none."""
    at = int(np.searchsorted(series.steps, step, side="right")) - 1
    return f"{series.values[at]:.6g}" if at >= 0 else ""

"""``MomentView``: one moment of a training: pictures of probe images beside the map of the codes.

``view.show(moment, probe, last, pair, components, colour)`` draws it; ``view.first`` is the first image of the page,
``view.places.images`` how many there are.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from aetui.latent.pca import Components
from aetui.paint.look import Look
from aetui.paint.picture_places import Places, places_for
from aetui.timemachine.pictures import Moment, captions, map_of, pictures_of, plane_of
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.scatter_plot import ScatterPlot
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample

MOST_IMAGES = 16
_MAP_FROM = 60


class MomentView(Horizontal):
    """Pictures, or the plane where the data are points of it, and the map where there is room for both."""

    DEFAULT_CSS = """
    MomentView { height: 1fr; }
    MomentView #map { width: 1fr; margin-left: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.first = 0
        self.places = Places(1, True, 1, (1, 1))
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._shown: tuple[Moment, Probe] | None = None

    def compose(self) -> ComposeResult:
        yield PictureRow(id="pictures")
        yield ScatterPlot(id="plane", fixed=True)
        yield ScatterPlot(id="map", fixed=True)

    def show(
        self,
        moment: Moment,
        probe: Probe,
        last: Sample | None,
        pair: tuple[int, int],
        components: Components | None,
        colour: int,
    ) -> None:
        """last: the newest frame, whose axes and ranges the map has. components: None is the code's own dimensions.

        colour: by what the dots are coloured, ``Moment.colouring``.
        """
        look: Look = self.query_one(PictureRow).look
        row, plane, plot = self.query_one(PictureRow), self._plot("plane"), self._plot("map")
        flat = probe.images.shape[1:] == (1, 1, 2)
        row.display, plane.display = not flat, flat
        plot.display = self.screen.size.width >= _MAP_FROM
        self._shown = moment, probe
        if not flat:
            self._show_pictures(moment, probe, look)
        elif self._is_new("plane", moment.frame, probe, look):
            plane.show_points(plane_of(moment, probe, look))
        if last is not None and self._is_new("map", moment.frame, last, pair, components, colour, look):
            plot.show_points(map_of(moment, last, pair, components, look, colour=colour))

    def on_resize(self, event: events.Resize) -> None:
        if self._shown is not None:
            self._show_pictures(*self._shown, self.query_one(PictureRow).look)

    def _plot(self, name: str) -> ScatterPlot:
        return self.query_one(f"#{name}", ScatterPlot)

    def _show_pictures(self, moment: Moment, probe: Probe, look: Look) -> None:
        row = self.query_one(PictureRow)
        if self.size.width == 0 or not row.display:
            return  # it is drawn as soon as there is room for it
        kinds = 3 if moment.other is not None else 2
        count = min(len(probe.images), len(moment.frame.reconstruction))
        if count == 0:
            self._drawn.pop("pictures", None)
            row.show_images([])
            return
        columns = self.size.width // 2 - 1 if self._plot("map").display else self.size.width
        shape = (int(probe.images.shape[2]), int(probe.images.shape[3]))
        most = min(count, MOST_IMAGES)
        self.places = places_for(max(1, columns), max(1, self.size.height), shape, kinds, look, most=most)
        self.first = max(0, min(self.first, count - self.places.images))
        beside = moment.other[2] if moment.other is not None else None
        if not self._is_new("pictures", moment.frame, beside, probe, self.first, str(self.places), look):
            return
        which = range(self.first, min(count, self.first + self.places.images))
        each = [pictures_of(moment, probe, index) for index in which]
        texts = [captions(moment, probe, index, columns=self.places.picture[0]) for index in which]
        order = [(image, kind) for image in range(len(each)) for kind in range(kinds)]
        if not self.places.across:
            order.sort(key=lambda place: place[1])
        row.show_images(
            [each[image][kind] for image, kind in order],
            [texts[image][kind] for image, kind in order],
            columns=kinds * self.places.groups if self.places.across else len(each),
        )

    def _is_new(self, part: str, *what: object) -> bool:
        """Whether a part is to be drawn again: a run that trains tells of itself many times between two frames."""
        before = self._drawn.get(part, ())
        same = len(before) == len(what) and all(
            a is b or (isinstance(a, str | int | tuple | Look) and a == b) for a, b in zip(before, what, strict=False)
        )
        self._drawn[part] = what
        return not same

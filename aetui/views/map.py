"""The map: where the codes of the test images lie, and what the decoder makes of any place between them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from aetui import keys
from aetui.frames import Frames
from aetui.latent.colouring import Colouring, colourings
from aetui.latent.encoded import Encoded, decode
from aetui.latent.nearest import Codes, nearest
from aetui.latest import Latest
from aetui.paint.classes import Groups
from aetui.paint.points import point_text
from aetui.paint.scatter import Scatter, fit_range
from aetui.paint.text import width_of
from aetui.probes import Images
from aetui.terminal.outside_text import plain
from aetui.view_state import one_of, real, whole
from aetui.views.code_text import code_text
from aetui.views.space_view import SpaceView
from aetui.widgets.picture import Picture
from aetui.widgets.scatter_plot import ScatterPlot
from aetui.widgets.text_lines import TextLine, TextLines
from export.errors import ToolError

OTHERS = ("mean", "nearest")
ZOOM = 1.5
_NARROWEST = 46
_LARGEST = 1e9


class MapView(SpaceView):
    """Dots by class, a cross-hair, the picture at the cross-hair and its nearest neighbours."""

    where = "latent/map"
    title = "Map"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/map")]
    DEFAULT_CSS = """
    MapView #map { height: 1fr; }
    MapView #plot { width: 3fr; }
    MapView #side { width: 2fr; margin: 0 0 0 1; }
    MapView #here { height: 3fr; }
    MapView #neighbours { height: 2fr; }
    MapView #near-code { margin: 0 0 0 1; }
    MapView #facts { height: 3; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cross: tuple[float, float] | None = None
        self.others = OTHERS[0]
        """The dimensions that the plane does not say: of the mean code, or of the code that is nearest on the map."""
        self.shaded = True
        self.colour = 0
        self.only: int | None = None
        self.code: Codes | None = None
        self.decoded: Images | None = None
        """Of the cross-hair's code and of the nearest code."""
        self.far = False
        self._colourings: list[Colouring] = []
        self._row: int | None = None
        """The image whose code says the other dimensions."""
        self._near_code = self._near_image = 0
        self._near_code_distance = self._near_image_distance = 0.0
        self._decoding = Latest(self._decode)

    def body(self) -> ComposeResult:
        with Horizontal(id="map"):
            yield ScatterPlot(id="plot")
            with Vertical(id="side"):
                yield Picture(id="here")
                with Horizontal(id="neighbours"):
                    yield Picture(id="near-image")
                    yield Picture(id="near-code")
        yield TextLines(id="facts")

    async def on_unmount(self) -> None:
        await self._decoding.stop()

    @property
    def plot(self) -> ScatterPlot:
        return self.query_one("#plot", ScatterPlot)

    # What is shown

    def space_changed(self) -> None:
        space, source, encoded = self.space, self.source, self.encoded
        assert space is not None
        assert source is not None
        assert encoded is not None
        class_name = encoded.entry.class_name
        self._colourings = colourings(space.labels, space.attributes, source.attribute_names, class_name)
        if self.is_another_run:
            self.plot.fit()
        self._show_points()
        if self.cross is None or self.is_another_run or not self.plot.within(*self.cross):
            self.cross = (self.x_axis.mean, self.y_axis.mean)
        self._place_cross()

    def plane_changed(self) -> None:
        """Other axes: the cross-hair goes to where its code lies on them."""
        if self.code is not None:
            self.cross = self.coordinates(self.code)
        self.plot.fit()
        self._show_points()
        self._place_cross()

    def _show_points(self) -> None:
        if self.ready is None or not self.is_mounted:
            return
        x, y = self.x_axis, self.y_axis
        colouring, unicode = self._colouring(), self.ui.look.unicode
        names = tuple(plain(name, 24, unicode=unicode) for name in colouring.names)
        self.plot.show_points(
            Scatter(
                points=np.stack([x.values, y.values], axis=1),
                group=colouring.group,
                groups=Groups(names=names, ordered=colouring.ordered),
                x_range=fit_range(x.values),
                y_range=fit_range(y.values),
                x_name=x.name,
                y_name=y.name,
                only=self.only,
                shaded=self.shaded,
            )
        )

    def _colouring(self) -> Colouring:
        self.colour %= len(self._colourings)
        colouring = self._colourings[self.colour]
        if self.only is not None and self.only >= len(colouring.names):
            self.only = None
        return colouring

    def _place_cross(self) -> None:
        """The cross-hair stands elsewhere, or means another code: find its neighbours, decode it, draw."""
        space = self.ready
        if space is None or self.cross is None:
            return
        a, b = self.cross
        self._row = row = self.nearest_on_map() if self.others == "nearest" else None
        self.code = space.codes(self.x_axis, self.y_axis, [a], [b], row)[0]
        measured = space.measure(self.code[None], row)[0]
        self._near_code, self._near_code_distance = nearest(space.measured, measured)
        self._near_image, self._near_image_distance = nearest(space.probe_measured, measured)
        self.far = self._near_code_distance > space.far_gap
        ring = float(self.x_axis.values[self._near_code]), float(self.y_axis.values[self._near_code])
        self.plot.set_cross(a, b, far=self.far, ring=ring)
        self._decoding.ask()
        self._show_facts()

    def nearest_on_map(self) -> int:
        """The image whose dot is nearest to the cross-hair as it is seen."""
        field = self.plot.field()
        assert self.cross is not None
        across, up = field.step if field is not None else (1.0, 1.0)
        away_x = (self.x_axis.values.astype(np.float64) - self.cross[0]) / across
        away_y = (self.y_axis.values.astype(np.float64) - self.cross[1]) / up * 2
        return int((away_x**2 + away_y**2).argmin())

    async def _decode(self) -> None:
        space, encoded, code = self.ready, self.encoded, self.code
        if space is None or encoded is None or code is None:
            return
        try:
            self.decoded = await decode(self.ui.ask, encoded, np.stack([code, space.code_of(self._near_code)]))
        except ToolError as error:
            self.ui.tell(error)
            return
        self._show_pictures()

    def forget(self) -> None:
        self.decoded = None

    def show(self, encoded: Encoded) -> None:
        side = self.query_one("#side")
        side.display = self.size.width >= _NARROWEST or not self.size.width
        self.query_one("#facts").styles.height = 3 if self.size.height >= 14 else 1
        if self.others == "nearest" and self._row != self.nearest_on_map():
            self._place_cross()  # cells of another size: another dot is the nearest one as it is seen
        self._show_facts()
        self._show_pictures()

    def _show_pictures(self) -> None:
        encoded, space, decoded = self.encoded, self.ready, self.decoded
        if encoded is None or space is None or decoded is None or not self.is_mounted:
            return
        here, near = encoded.pictures(decoded)
        values = f" {point_text(decoded[0])}" if encoded.points else ""
        self.query_one("#here", Picture).show_image(here, f"decoded{values}" + (" (far)" if self.far else ""))
        [image] = encoded.pictures(encoded.x[[self._near_image]])
        pictures = self.query_one("#near-image", Picture), self.query_one("#near-code", Picture)
        label = int(encoded.probe.labels[self._near_image])
        captions = (
            self._captions(encoded.thing, self._near_image, label, self._near_image_distance),
            self._captions("code", self._near_code, int(space.labels[self._near_code]), self._near_code_distance),
        )
        width = min(picture.size.width for picture in pictures)
        fitting = [pair for pair in zip(*captions, strict=True) if max(width_of(plain(text)) for text in pair) <= width]
        for picture, shown, text in zip(pictures, (image, near), fitting[0] if fitting else ("", ""), strict=True):
            picture.show_image(shown, text)

    def _captions(self, kind: str, row: int, label: int, distance: float) -> list[str]:
        """What could stand below a neighbour, the longest first: what it is, its class, how far away."""
        assert self.encoded is not None
        name, far = self.encoded.entry.class_name(label), f"{distance:.3g}"
        known = f" ({name})" if name else ""
        return [
            f"nearest {kind} {row + 1}{known}, {far} away",
            f"{kind}{known or f' {row + 1}'} {far}",
            f"{kind} {far}",
            far,
        ]

    def _show_facts(self) -> None:
        space = self.ready
        if space is None or self.cross is None or not self.is_mounted:
            return
        a, b = self.cross
        line = f"{self.x_axis.name} {a:.3f}  {self.y_axis.name} {b:.3f}"
        if space.width > 2:
            line += f"  other dimensions: {'their mean' if self.others == 'mean' else 'of the nearest dot'}"
        title = self._colouring().title
        shown = f"colours: {title}" if title else ""
        if self.only is not None:
            shown += f" {self._colouring().names[self.only]} only"
        quiet = "  ".join([*([shown] if shown else []), *self.made_how()])
        facts: list[TextLine] = [line, self._distance_line(), (quiet, "quiet")]
        if self.size.height < 14:
            facts = facts[1:2]
        self.query_one("#facts", TextLines).show_lines(facts)

    def _distance_line(self) -> TextLine:
        space = self.space
        assert space is not None
        within = " in 8 components" if space.to_measured is not None else ""
        numbers = (
            f"nearest code {self._near_code_distance:.3g} away{within}; "
            f"typical {space.typical_gap:.3g}, 99 % of codes {space.far_gap:.3g}"
        )
        return (f"far from data, the picture means little: {numbers}", "strong") if self.far else numbers

    # Keys and mouse

    def action_move(self, columns: int, rows: int) -> None:
        self.plot.move_cross(columns, rows)

    def on_scatter_plot_moved(self, message: ScatterPlot.Moved) -> None:
        message.stop()
        self.cross = (message.x, message.y)
        self._place_cross()

    def action_snap(self) -> None:
        """To the nearest dot, with all dimensions of its code."""
        if self.ready is None or self.cross is None:
            return
        row = self.nearest_on_map()
        self.others = "nearest"
        self.cross = float(self.x_axis.values[row]), float(self.y_axis.values[row])
        self._place_cross()

    def action_others(self) -> None:
        self.others = OTHERS[1 - OTHERS.index(self.others)]
        self._place_cross()

    def action_zoom(self, way: int) -> None:
        self.plot.zoom(ZOOM**way)

    def action_fit(self) -> None:
        self.plot.fit()

    def action_shade(self) -> None:
        self.shaded = not self.shaded
        self._show_points()

    def action_only(self, by: int) -> None:
        """One class alone in colour: the next one, after the last all."""
        if self.ready is None:
            return
        count = len(self._colouring().names)
        at = (-1 if self.only is None else self.only) + 1 + by
        at %= count + 1
        self.only = None if at == 0 else at - 1
        self._show_points()
        self._show_facts()

    def action_all(self) -> None:
        self.only = None
        self._show_points()
        self._show_facts()

    def action_colour(self, by: int) -> None:
        """By class, or by one of the attributes."""
        if self.ready is None:
            return
        if len(self._colourings) < 2:
            self.ui.say("nothing else is known of these images that could give them colours")
            return
        self.colour = (self.colour + by) % len(self._colourings)
        self.only = None
        self._show_points()
        self._show_facts()

    # What the app asks for

    def frames(self) -> Frames | None:
        if self.encoded is None or self.decoded is None:
            return None
        return Frames(images=self.encoded.to_save(self.decoded[:1]), title="decoded from the map")

    def copied(self) -> str | None:
        return None if self.ready is None or self.code is None else code_text(self.code)

    def view_state(self) -> dict[str, Any]:
        state = super().view_state()
        state |= {"others": self.others, "shaded": self.shaded, "colour": self.colour, "only": self.only}
        if self.cross is not None:
            state |= {"at_x": self.cross[0], "at_y": self.cross[1]}
        return state

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.others = one_of(state.get("others"), self.others, OTHERS)
        if isinstance(state.get("shaded"), bool):
            self.shaded = state["shaded"]
        self.colour = whole(state.get("colour"), self.colour, 0, 1 << 16)
        only = whole(state.get("only"), -1, 0, 1 << 16)
        self.only = None if only < 0 else only
        at = [real(state.get(name), np.nan, -_LARGEST, _LARGEST) for name in ("at_x", "at_y")]
        if np.isfinite(at).all():
            self.cross = at[0], at[1]

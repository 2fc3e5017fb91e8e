"""The manifold: what the decoder makes of a grid of codes on a plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from aetui import keys
from aetui.frames import Frames
from aetui.latent.encoded import Encoded, decode
from aetui.latent.lattice import Lattice, lattice
from aetui.latent.window import ALL, is_window, moved, zoomed
from aetui.latest import Latest
from aetui.paint.classes import Groups
from aetui.paint.manifold import Grid, lay_manifold
from aetui.paint.points import point_text
from aetui.paint.scatter import Scatter, fit_range
from aetui.paint.sheet import as_rgb
from aetui.probes import Images
from aetui.view_state import one_of, real, whole
from aetui.views.code_text import code_text
from aetui.views.space_view import SpaceView
from aetui.widgets.manifold_grid import ManifoldGrid
from aetui.widgets.picture import Picture
from aetui.widgets.scatter_plot import ScatterPlot
from aetui.widgets.text_lines import TextLine, TextLines
from export.errors import ToolError

SIDES = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
"""Pixels that the smallest picture has along a side."""

SPACINGS = ("", "prior", "even")
"""Empty: what suits the run."""

ZOOM = 1.25
PAN = 0.125
_NARROWEST = 46
_OF_POINTS = Grid(across=20, down=20, wide=1, high=1, width=1, height=1, left=0, top=0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoded:
    """images: float32 [n, C, H, W] of the lattice's n codes. key: of all that they depend on."""

    lattice: Lattice
    images: Images
    key: tuple[object, ...]


class ManifoldView(SpaceView):
    """A grid of decoded pictures, one of them larger with its code."""

    where = "latent/manifold"
    title = "Manifold"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/manifold")]
    DEFAULT_CSS = """
    ManifoldView #manifold { height: 1fr; }
    ManifoldView #manifold-grid { width: 3fr; }
    ManifoldView #points { width: 3fr; display: none; }
    ManifoldView #side { width: 1fr; min-width: 24; margin: 0 0 0 1; }
    ManifoldView #large { height: 2fr; }
    ManifoldView #facts { height: 3fr; min-height: 8; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.side_px = 0
        """0: what suits the screen."""
        self.spacing = SPACINGS[0]
        self.x_window = self.y_window = ALL
        """The part of the axes that is seen, in shares of the whole."""
        self.dims_far = True
        self.at_x, self.at_y = 0.5, 0.5
        """Where in the grid the chosen picture is, in shares from the left and the top, however many there are."""
        self.grid: Grid | None = None
        self.decoded: Decoded | None = None
        self._decoding = Latest(self._decode)

    def body(self) -> ComposeResult:
        with Horizontal(id="manifold"):
            yield ManifoldGrid(id="manifold-grid")
            yield ScatterPlot(fixed=True, id="points")
            with Vertical(id="side"):
                yield Picture(id="large")
                yield TextLines(id="facts")

    async def on_unmount(self) -> None:
        await self._decoding.stop()

    # The grid

    def space_changed(self) -> None:
        self._decoding.ask()

    def plane_changed(self) -> None:
        self.x_window = self.y_window = ALL
        self._decoding.ask()

    @property
    def quantiles(self) -> bool:
        """True where the pictures are taken at quantiles of the prior."""
        entry = self.page.entry()
        suits = entry is not None and entry.variant == "variational"
        return suits if self.spacing == "" else self.spacing == "prior"

    def layout_now(self) -> Grid | None:
        """The grid that fits the widget as it is; None where it has no size yet."""
        if self.encoded is None or not self.is_mounted:
            return None
        if self.encoded.points:
            return _OF_POINTS
        columns, rows = self.query_one("#manifold-grid").size
        if columns < 1 or rows < 1:
            return None
        channels, height, width = self.encoded.x.shape[1:]
        return lay_manifold((channels, height, width), columns, rows, self.ui.look, self.side_px or self._suitable())

    def _suitable(self) -> int:
        return 8 if self.ui.look.pixels == "half" else 6

    def _key(self, grid: Grid) -> tuple[object, ...]:
        plane = (self.kind, self.x, self.y, self.quantiles, self.x_window, self.y_window)
        return grid.across, grid.down, plane, self._space_of, None if self.encoded is None else self.encoded.key

    async def _decode(self) -> None:
        space, encoded, grid = self.ready, self.encoded, self.layout_now()
        if space is None or encoded is None or grid is None:
            return
        key, windows = self._key(grid), (self.x_window, self.y_window)
        places = lattice(
            space, self.x_axis, self.y_axis, grid.across, grid.down, quantiles=self.quantiles, windows=windows
        )
        try:
            images = await decode(self.ui.ask, encoded, places.codes)
        except ToolError as error:
            self.ui.tell(error)
            return
        self.decoded, self.grid = Decoded(lattice=places, images=images, key=key), grid
        self._show_images()

    # Drawing

    def forget(self) -> None:
        self.decoded = self.grid = None

    def show(self, encoded: Encoded) -> None:
        self.query_one("#side").display = self.size.width >= _NARROWEST or not self.size.width
        self.query_one("#points").display = encoded.points
        self.query_one("#manifold-grid").display = self.query_one("#large").display = not encoded.points
        layout = self.layout_now()
        if layout is None:
            return  # the grid tells of its size as soon as it has one
        if self.decoded is None or self.decoded.key != self._key(layout):
            self._decoding.ask()
        elif layout != self.grid:
            self.grid = layout
            self._show_images()
        else:
            self._show_choice()

    def _show_images(self) -> None:
        encoded, decoded, grid = self.encoded, self.decoded, self.grid
        if encoded is None or decoded is None or grid is None or not self.is_mounted:
            return
        far = decoded.lattice.far if self.dims_far else np.zeros_like(decoded.lattice.far)
        if encoded.points:
            points = _scatter(_plane(encoded.x), _plane(decoded.images), far)
            self.query_one("#points", ScatterPlot).show_points(points)
        else:
            self.query_one("#manifold-grid", ManifoldGrid).show_images(decoded.images, grid, far)
        self._show_choice()

    @property
    def column(self) -> int:
        """Of the chosen picture."""
        return 0 if self.grid is None else min(self.grid.across - 1, int(self.at_x * self.grid.across))

    @property
    def row(self) -> int:
        """Of the chosen picture."""
        return 0 if self.grid is None else min(self.grid.down - 1, int(self.at_y * self.grid.down))

    @property
    def chosen(self) -> int | None:
        """Which of the decoded pictures is chosen."""
        if self.grid is None or self.decoded is None:
            return None
        at = self.row * self.grid.across + self.column
        return at if at < len(self.decoded.images) else None

    def _show_choice(self) -> None:
        encoded, decoded, at = self.encoded, self.decoded, self.chosen
        if encoded is None or decoded is None or at is None or not self.is_mounted:
            return
        image = decoded.images[at]
        if encoded.points:
            [[x, y]] = _plane(image[None]).tolist()
            self.query_one("#points", ScatterPlot).set_cross(x, y, far=bool(decoded.lattice.far[at]))
        else:
            self.query_one("#manifold-grid", ManifoldGrid).choose((self.column, self.row))
            self.query_one("#large", Picture).show_image(image)
        seen: list[TextLine] = [f"decoded {point_text(image)}"] if encoded.points else []
        self.query_one("#facts", TextLines).show_lines([*seen, *self._facts(decoded.lattice, at)])

    def _facts(self, places: Lattice, at: int) -> list[TextLine]:
        line = f"{places.x.name} {places.a[at]:.3f}"
        if places.y is not None:
            line += f"  {places.y.name} {places.b[at]:.3f}"
        lines: list[TextLine] = [line]
        if places.far[at]:
            lines.append(("far from data", "strong"))
        code = " ".join(f"{round(value, 2) + 0.0:.2f}" for value in places.codes[at][:64].tolist())
        room = self.query_one("#facts").size
        width = max(8, room.width)
        lines += ["code", *_wrapped(code, width, 2 if room.height < 15 else 4)]
        how = "quantiles of N(0, 1)" if self.quantiles else "1-99 % of the codes"
        zoom = "" if self.x_window == self.y_window == ALL else ", zoomed"
        dimmed = ", dimmed" if self.dims_far else ""
        grid = self.grid
        quiet = [f"{grid.across} x {grid.down} codes" if grid is not None else "", f"{how}{zoom}"]
        if places.codes.shape[1] > 2:
            quiet.append("others at their mean")
        quiet += [f"{int(places.far.sum())} far from data{dimmed}", *self.made_how()]
        return [*lines, *((line, "quiet") for text in quiet for line in _wrapped(text, width, 2))]

    # Keys and mouse

    def choose(self, column: int, row: int) -> None:
        """Choose the picture in a column and row, or the nearest there is."""
        grid = self.grid
        if grid is not None:
            self.at_x = (max(0, min(grid.across - 1, column)) + 0.5) / grid.across
            self.at_y = (max(0, min(grid.down - 1, row)) + 0.5) / grid.down
            self._show_choice()

    def action_choose(self, columns: int, rows: int) -> None:
        self.choose(self.column + columns, self.row + rows)

    def on_manifold_grid_picked(self, message: ManifoldGrid.Picked) -> None:
        message.stop()
        self.choose(message.column, message.row)

    def on_manifold_grid_resized(self, message: ManifoldGrid.Resized) -> None:
        message.stop()
        self.draw()

    def on_manifold_grid_zoomed(self, message: ManifoldGrid.Zoomed) -> None:
        message.stop()
        self.action_zoom(message.way)

    def action_pan(self, columns: int, rows: int) -> None:
        """By an eighth of what is seen."""
        self.x_window, self.y_window = moved(self.x_window, columns * PAN), moved(self.y_window, -rows * PAN)
        self._decoding.ask()

    def action_zoom(self, way: int) -> None:
        """About the chosen picture."""
        grid = self.grid
        if grid is None:
            return
        x = zoomed(self.x_window, (self.column + 0.5) / grid.across, ZOOM**way)
        y = zoomed(self.y_window, 1 - (self.row + 0.5) / grid.down, ZOOM**way)
        if x is not None and y is not None:
            self.x_window, self.y_window = x, y
            self._decoding.ask()

    def action_fit(self) -> None:
        self.x_window = self.y_window = ALL
        self._decoding.ask()

    def action_more(self, by: int) -> None:
        """More pictures, smaller ones; −1: fewer."""
        grid = self.grid
        if grid is None or (self.encoded is not None and self.encoded.points):
            return
        at = SIDES.index(self.side_px or self._suitable())
        while 0 <= at - by < len(SIDES):
            at -= by
            self.side_px = SIDES[at]
            found = self.layout_now()
            if found is not None and (found.across, found.down) != (grid.across, grid.down):
                break
        self._decoding.ask()

    def action_spacing(self) -> None:
        self.spacing = "even" if self.quantiles else "prior"
        self.action_fit()

    def action_dim(self) -> None:
        self.dims_far = not self.dims_far
        self._show_images()

    # What the app asks for

    def frames(self) -> Frames | None:
        encoded, decoded, grid, at = self.encoded, self.decoded, self.grid, self.chosen
        if encoded is None or decoded is None or grid is None or at is None:
            return None
        if encoded.points:
            return Frames(images=encoded.to_save(decoded.images[at : at + 1]), title="manifold")
        pixels = np.stack([as_rgb(image) for image in decoded.images])
        channels, height, width = pixels.shape[1:]
        tiled = pixels.reshape(grid.down, grid.across, channels, height, width).transpose(2, 0, 3, 1, 4)
        sheet = tiled.reshape(1, channels, grid.down * height, grid.across * width)
        return Frames(images=np.ascontiguousarray(sheet), title="manifold")

    def copied(self) -> str | None:
        at = self.chosen
        return None if at is None or self.decoded is None else code_text(self.decoded.lattice.codes[at])

    def view_state(self) -> dict[str, Any]:
        return super().view_state() | {
            "side_px": self.side_px,
            "spacing": self.spacing,
            "dims_far": self.dims_far,
            "window": [*self.x_window, *self.y_window],
            "at": [self.at_x, self.at_y],
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        side = whole(state.get("side_px"), 0, 0, SIDES[-1])
        self.side_px = side if side in SIDES else 0
        self.spacing = one_of(state.get("spacing"), self.spacing, SPACINGS)
        if isinstance(state.get("dims_far"), bool):
            self.dims_far = state["dims_far"]
        at, ends = _numbers(state.get("at"), 2, 0, 1), _numbers(state.get("window"), 4, -1e3, 1e3)
        if at:
            self.at_x, self.at_y = at
        if ends and is_window(ends[0], ends[1]) and is_window(ends[2], ends[3]):
            self.x_window, self.y_window = (ends[0], ends[1]), (ends[2], ends[3])


def _scatter(probe: npt.NDArray[np.float32], decoded: npt.NDArray[np.float32], far: npt.NDArray[np.bool_]) -> Scatter:
    """Decoded points [n, 2] where they lie, among the probe points."""
    seen = np.concatenate([probe, decoded])
    return Scatter(
        points=seen,
        group=np.concatenate([np.full(len(probe), 0), np.where(far, 2, 1)]),
        groups=Groups(names=("probe points", "decoded", "decoded far from data")),
        x_range=fit_range(seen[:, 0]),
        y_range=fit_range(seen[:, 1]),
        x_name="x1",
        y_name="x2",
        shaded=False,
    )


def _numbers(found: Any, count: int, low: float, high: float) -> list[float]:
    """``found`` where it is a list of so many numbers from low to high, else nothing."""
    if not isinstance(found, list) or len(found) != count:
        return []
    numbers = [real(one, math.nan, low, high) for one in found]
    return [] if any(map(math.isnan, numbers)) else numbers


def _plane(images: Images) -> npt.NDArray[np.float32]:
    """Points [n, 1, 1, d] as [n, 2]: their first two coordinates; a second one of 0 where there is one alone."""
    flat = np.nan_to_num(images.reshape(len(images), -1))
    return np.concatenate([flat, np.zeros_like(flat[:, :1])], axis=1)[:, :2]


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """Lines of whole words, ``most`` at most, the last one with dots where there would be more."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while " " in last and len(last) + 4 > width:
        last = last.rpartition(" ")[0]  # half a number is another number
    return [*lines[: most - 1], f"{last} ..."]

"""The manifold: what the decoder makes of a grid of codes on a plane."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from aetui import keys
from aetui.frames import Frames
from aetui.latent.encoded import decode
from aetui.latent.nearest import Codes, distances
from aetui.latent.space import Axis
from aetui.latent.spacing import Even, Quantiles, Spacing, middles
from aetui.latest import Latest
from aetui.paint.classes import Groups
from aetui.paint.manifold import Grid, lay_manifold
from aetui.paint.points import point_text
from aetui.paint.scatter import Scatter, fit_range
from aetui.paint.sheet import as_rgb
from aetui.probes import Images
from aetui.views.latent_view import one_of, real, whole
from aetui.views.space_view import SpaceView, as_row
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
ALL: tuple[float, float] = (0.0, 1.0)
_CLOSEST = 1e-3
_WIDEST = 8.0
_NARROWEST = 46


class ManifoldView(SpaceView):
    """A grid of decoded pictures, one of them larger with its code."""

    where = "latent/manifold"
    title = "Manifold"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/manifold")]
    DEFAULT_CSS = """
    ManifoldView #manifold { height: 1fr; }
    ManifoldView #manifold-grid { width: 3fr; }
    ManifoldView #points { width: 3fr; }
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
        self.images: Images | None = None
        """[down · across, C, H, W], row by row."""
        self.codes: Codes | None = None
        self.far: npt.NDArray[np.bool_] | None = None
        self.grid: Grid | None = None
        self._places: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None
        self._decoded_for: tuple[object, ...] | None = None
        self._decoding = Latest(self._decode)

    def compose(self) -> ComposeResult:
        with Horizontal(id="manifold"):
            yield ManifoldGrid(id="manifold-grid")
            yield ScatterPlot(fixed=True, id="points")
            with Vertical(id="side"):
                yield Picture(id="large")
                yield TextLines(id="facts")

    async def on_unmount(self) -> None:
        await self._decoding.stop()
        await super().on_unmount()

    # The grid

    def space_changed(self) -> None:
        self._decoded_for = None
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

    def spacing_of(self, axis: Axis) -> Spacing:
        """Where the pictures lie along an axis: quantiles of N(0, 1), or even steps from the 1st to the 99th of 100."""
        if self.quantiles:
            return Quantiles(mean=axis.prior)
        low, high = np.quantile(axis.values.astype(np.float64), (0.01, 0.99)).tolist()
        return Even(low=low, high=high if high > low else low + 1.0)

    def layout_now(self) -> Grid | None:
        """The grid that fits the widget as it is."""
        encoded = self.encoded
        if encoded is None or not self.is_mounted:
            return None
        widget = self.query_one("#points" if encoded.points else "#manifold-grid")
        columns, rows = widget.size.width, widget.size.height
        if columns < 1 or rows < 1:
            return None
        if encoded.points:
            return Grid(across=20, down=20, wide=1, high=1, width=1, height=1, left=0, top=0)
        channels, height, width = encoded.x.shape[1:]
        return lay_manifold((channels, height, width), columns, rows, self.ui.look, self.side_px or self._suitable())

    def _suitable(self) -> int:
        return 8 if self.ui.look.pixels == "half" else 6

    def places(self, grid: Grid) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The (a, b) of each picture [down · across], row by row, b largest at the top."""
        if self.space is not None and self.space.width == 1:
            shares = middles(self.x_window, grid.across * grid.down)
            return self.spacing_of(self.x_axis if self.x_axis.direction.any() else self.y_axis).at(shares), shares
        a = self.spacing_of(self.x_axis).at(middles(self.x_window, grid.across))
        b = self.spacing_of(self.y_axis).at(middles(self.y_window, grid.down))[::-1]
        return np.tile(a, grid.down), np.repeat(b, grid.across)

    async def _decode(self) -> None:
        space, encoded, grid = self.ready, self.encoded, self.layout_now()
        if space is None or encoded is None or grid is None:
            return
        a, b = self.places(grid)
        x, y = self.x_axis, self.y_axis
        if space.width == 1 and not x.direction.any():
            x, y = y, x
        codes = space.codes(x, y, a, b)
        try:
            images = await decode(self.ui.ask, encoded, codes)
        except ToolError as error:
            self.ui.tell(error)
            return
        self.far = distances(space.measured, space.measure(codes)).min(axis=1) > space.far_gap
        self.images, self.codes, self.grid, self._places = images, codes, grid, (a, b)
        self._decoded_for = self._key(grid)
        self._show_images()

    def _key(self, grid: Grid) -> tuple[object, ...]:
        encoded = self.encoded
        return (
            grid.across,
            grid.down,
            self.kind,
            self.x,
            self.y,
            self.quantiles,
            self.x_window,
            self.y_window,
            encoded.key if encoded is not None else None,
        )

    # Drawing

    def draw(self) -> None:
        grid, points = self.query_one("#manifold-grid", ManifoldGrid), self.query_one("#points", ScatterPlot)
        side, room = self.query_one("#side"), self.size.width >= _NARROWEST or not self.size.width
        if side.display != room:
            side.display = room
            self.call_after_refresh(self.draw)
        if self.ready is None:
            self.images = self.grid = None
            grid.show_images(None, None)
            points.show_points(None)
            points.display = False
            self.query_one("#large", Picture).show_image(None)
            self.query_one("#facts", TextLines).show_lines([self.nothing()])
            return
        assert self.encoded is not None
        grid.display, points.display = not self.encoded.points, self.encoded.points
        layout = self.layout_now()
        if layout is None:
            self.call_after_refresh(self._decoding.ask)
        elif self._decoded_for != self._key(layout):
            self._decoding.ask()
        elif layout != self.grid:
            self.grid = layout
            self._show_images()
        else:
            self._show_choice()

    def _show_images(self) -> None:
        encoded, images, grid = self.encoded, self.images, self.grid
        if encoded is None or images is None or grid is None or not self.is_mounted:
            return
        if encoded.points:
            self._show_points()
        else:
            dimmed = self.far if self.dims_far else None
            self.query_one("#manifold-grid", ManifoldGrid).show_images(images, grid, dimmed)
        self._show_choice()

    def _show_points(self) -> None:
        """The decoded points where they lie, before the probe points; only their first two coordinates."""
        assert self.encoded is not None
        assert self.images is not None
        assert self.far is not None
        decoded, probe = _plane(self.images), _plane(self.encoded.x)
        far = self.far if self.dims_far else np.zeros_like(self.far)
        seen = np.concatenate([probe, decoded])
        self.query_one("#points", ScatterPlot).show_points(
            Scatter(
                points=seen,
                group=np.concatenate([np.full(len(probe), 0), np.where(far, 2, 1)]),
                groups=Groups(names=("probe points", "decoded", "decoded far from data")),
                x_range=fit_range(seen[:, 0]),
                y_range=fit_range(seen[:, 1]),
                x_name="x1",
                y_name="x2",
                shaded=False,
            )
        )

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
        """Which picture is chosen."""
        if self.grid is None or self.images is None:
            return None
        at = self.row * self.grid.across + self.column
        return at if 0 <= at < len(self.images) else None

    def _show_choice(self) -> None:
        encoded, at = self.encoded, self.chosen
        if encoded is None or at is None or self.images is None or not self.is_mounted:
            return
        image = self.images[at : at + 1]
        if encoded.points:
            [[x, y]] = _plane(image).tolist()
            self.query_one("#points", ScatterPlot).set_cross(x, y, far=bool(self.far is not None and self.far[at]))
        else:
            self.query_one("#manifold-grid", ManifoldGrid).choose((self.column, self.row))
        [shown] = encoded.pictures(image)
        self.query_one("#large", Picture).show_image(shown, point_text(image) if encoded.points else "")
        self.query_one("#facts", TextLines).show_lines(self._facts(at))

    def _facts(self, at: int) -> list[TextLine]:
        assert self._places is not None
        assert self.codes is not None
        assert self.grid is not None
        assert self.space is not None
        a, b = float(self._places[0][at]), float(self._places[1][at])
        x, y = self.x_axis, self.y_axis
        if self.space.width == 1:
            lines: list[TextLine] = [f"{(x if x.direction.any() else y).name} {a:.3f}"]
        else:
            lines = [f"{x.name} {a:.3f}  {y.name} {b:.3f}"]
        if self.far is not None and self.far[at]:
            lines.append(("far from data", "strong"))
        code = " ".join(f"{value:.2f}" for value in self.codes[at][:32].tolist())
        width = max(8, self.query_one("#facts").size.width)
        lines += ["code", *_wrapped(code, width, 3)]
        how = "quantiles of N(0, 1)" if self.quantiles else "1-99 % of the codes"
        if (self.x_window, self.y_window) != (ALL, ALL):
            how += ", zoomed"
        counted = f"{self.grid.across} x {self.grid.down} codes"
        lines += [(line, "quiet") for line in (counted, how)]
        if self.space.width > 2:
            lines.append(("others at their mean", "quiet"))
        if self.dims_far and self.far is not None:
            lines.append((f"{int(self.far.sum())} far ones dimmed", "quiet"))
        return [*lines, *((line, "quiet") for line in self.made_how())]

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

    def on_manifold_grid_zoomed(self, message: ManifoldGrid.Zoomed) -> None:
        message.stop()
        self.action_zoom(message.way)

    def action_pan(self, columns: int, rows: int) -> None:
        """By an eighth of what is seen."""
        self.x_window = _moved(self.x_window, columns * PAN)
        self.y_window = _moved(self.y_window, -rows * PAN)
        self._decoding.ask()

    def action_zoom(self, way: int) -> None:
        """About the chosen picture."""
        grid = self.grid
        if grid is None:
            return
        x = (self.column + 0.5) / grid.across
        y = 1 - (self.row + 0.5) / grid.down
        x_window, y_window = _zoomed(self.x_window, x, ZOOM**way), _zoomed(self.y_window, y, ZOOM**way)
        if all(_CLOSEST <= high - low <= _WIDEST for low, high in (x_window, y_window)):
            self.x_window, self.y_window = x_window, y_window
            self._decoding.ask()

    def action_fit(self) -> None:
        self.x_window = self.y_window = ALL
        self._decoding.ask()

    def action_more(self, by: int) -> None:
        """More pictures, smaller ones; −1: fewer."""
        grid = self.grid
        if grid is None or (self.encoded is not None and self.encoded.points):
            return
        before = (grid.across, grid.down)
        at = SIDES.index(self.side_px or self._suitable())
        while 0 <= at - by < len(SIDES):
            at -= by
            self.side_px = SIDES[at]
            found = self.layout_now()
            if found is not None and (found.across, found.down) != before:
                break
        self._decoding.ask()

    def action_spacing(self) -> None:
        self.spacing = "even" if self.quantiles else "prior"
        self.x_window = self.y_window = ALL
        self._decoding.ask()

    def action_dim(self) -> None:
        self.dims_far = not self.dims_far
        self._show_images()

    # What the app asks for

    def frames(self) -> Frames | None:
        encoded, images, grid = self.encoded, self.images, self.grid
        if encoded is None or images is None or grid is None:
            return None
        if encoded.points:
            at = self.chosen or 0
            return Frames(images=encoded.to_save(images[at : at + 1]), title="manifold")
        pixels = np.stack([as_rgb(image) for image in images])
        tiled = pixels.reshape(grid.down, grid.across, *pixels.shape[1:]).transpose(2, 0, 3, 1, 4)
        sheet = tiled.reshape(1, pixels.shape[1], grid.down * pixels.shape[2], grid.across * pixels.shape[3])
        return Frames(images=np.ascontiguousarray(sheet), title="manifold")

    def copied(self) -> str | None:
        at = self.chosen
        return None if at is None or self.codes is None else as_row(self.codes[at])

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
        side = whole(state, "side_px", 0, 0, SIDES[-1])
        self.side_px = side if side in SIDES else 0
        self.spacing = one_of(state, "spacing", self.spacing, SPACINGS)
        if isinstance(state.get("dims_far"), bool):
            self.dims_far = state["dims_far"]
        at, ends = _numbers(state.get("at"), 2, 0, 1), _numbers(state.get("window"), 4, -1e3, 1e3)
        if at:
            self.at_x, self.at_y = at
        if ends and all(_CLOSEST <= high - low <= _WIDEST for low, high in (ends[:2], ends[2:])):
            self.x_window, self.y_window = (ends[0], ends[1]), (ends[2], ends[3])


def _numbers(found: Any, count: int, low: float, high: float) -> list[float]:
    """``found`` where it is a list of so many numbers from low to high, else nothing."""
    if not isinstance(found, list) or len(found) != count:
        return []
    numbers = [real({"it": one}, "it", math.nan, low, high) for one in found]
    return [] if any(map(math.isnan, numbers)) else numbers


def _plane(images: Images) -> npt.NDArray[np.float32]:
    """Points [n, 1, 1, d] as [n, 2]: their first two coordinates; a second one of 0 where there is one alone."""
    flat = np.nan_to_num(images.reshape(len(images), -1))
    return np.concatenate([flat, np.zeros_like(flat[:, :1])], axis=1)[:, :2]


def _moved(window: tuple[float, float], share: float) -> tuple[float, float]:
    by = share * (window[1] - window[0])
    low, high = window[0] + by, window[1] + by
    return (low, high) if low >= -_WIDEST and high <= _WIDEST + 1 else window


def _zoomed(window: tuple[float, float], still: float, factor: float) -> tuple[float, float]:
    """1/factor as much; what lies at the share ``still`` of the window stays there."""
    low, high = window
    span = (high - low) / factor
    about = low + still * (high - low)
    return about - still * span, about + (1 - still) * span


def _wrapped(text: str, width: int, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:most] if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: width - 4] + " ..."]

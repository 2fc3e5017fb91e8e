"""Screen 4 and its views."""

from __future__ import annotations

from aetui.keys.key import Key, key, run_keys, view_keys

SCREEN: tuple[Key, ...] = (
    *view_keys("latent"),
    key("latent", "D", "show_view('deck')", "deck", "the way from one image to another", footer=False),
    key("latent", "Z", "show_view('traversal')", "traversal", "a slider for each dimension", footer=False),
    key("latent", "M", "show_view('map')", "map", "a plane through the codes, with a cross-hair", footer=False),
    key("latent", "G", "show_view('manifold')", "manifold", "what a plane through the codes decodes to", footer=False),
    key("latent", "P", "show_view('prior')", "prior", "pictures drawn from the prior", footer=False),
    key("latent", "Q", "show_view('posterior')", "posterior", "a value beside a distribution, q(z|x)", footer=False),
    key(
        "latent", "I", "show_view('attributes')", "attributes", "which dimension follows which attribute", footer=False
    ),
    *run_keys("latent"),
)

DECK: tuple[Key, ...] = (
    key("latent/deck", "space", "play", "play", "play or pause the way from A to B"),
    key("latent/deck", "left", "scrub(-0.0167)", "scrub", "a step towards A; in the grid to the left"),
    key("latent/deck", "right", "scrub(0.0167)", "scrub", "a step towards B; in the grid to the right"),
    key("latent/deck", "shift+left", "scrub(-0.1)", "far", "a tenth of the way towards A", footer=False),
    key("latent/deck", "shift+right", "scrub(0.1)", "far", "a tenth of the way towards B", footer=False),
    key("latent/deck", "home", "scrub_to(0)", "A", "go to A", footer=False),
    key("latent/deck", "end", "scrub_to(1)", "B", "go to B", footer=False),
    key("latent/deck", "g", "grid", "grid", "pick A and B from a grid of the images"),
    key("latent/deck", "a", "pick('a', 1)", "pick", "A: the image under the cursor, without grid the next"),
    key("latent/deck", "b", "pick('b', 1)", "pick", "B: the image under the cursor, without grid the next"),
    key("latent/deck", "A", "pick('a', -1)", "previous A", "A: the image before", footer=False),
    key("latent/deck", "B", "pick('b', -1)", "previous B", "B: the image before", footer=False),
    key("latent/deck", "c", "only(1)", "class", "only images of the next class, for the grid, a and b"),
    key("latent/deck", "C", "only(-1)", "class before", "only images of the class before", footer=False),
    key("latent/deck", "up", "row(-1)", "up", "in the grid: the image above", footer=False, palette=False),
    key("latent/deck", "down", "row(1)", "down", "in the grid: the image below", footer=False, palette=False),
    key("latent/deck", "enter", "close_grid", "close", "close the grid", footer=False, palette=False),
    key("latent/deck", "l", "ends", "loop/bounce", "at the end start again, or turn round"),
    key("latent/deck", "plus", "speed(1)", "speed", "play faster"),
    key("latent/deck", "minus", "speed(-1)", "speed", "play slower"),
)

MAP: tuple[Key, ...] = (
    key("latent/map", "left h", "move(-1, 0)", "move", "move the cross-hair to the left"),
    key("latent/map", "right l", "move(1, 0)", "move", "move the cross-hair to the right"),
    key("latent/map", "up k", "move(0, -1)", "move", "move the cross-hair up"),
    key("latent/map", "down j", "move(0, 1)", "move", "move the cross-hair down"),
    key("latent/map", "shift+left H", "move(-8, 0)", "far", "move it far to the left", footer=False),
    key("latent/map", "shift+right L", "move(8, 0)", "far", "move it far to the right", footer=False),
    key("latent/map", "shift+up K", "move(0, -4)", "far", "move it far up", footer=False),
    key("latent/map", "shift+down J", "move(0, 4)", "far", "move it far down", footer=False),
    key("latent/map", "n", "snap", "nearest", "go to the nearest dot, with all dimensions of its code"),
    key("latent/map", "o", "others", "others", "the other dimensions: at the mean, or of the nearest dot"),
    key("latent/map", "x", "axis('x', 1)", "x/y axis", "another axis from left to right"),
    key("latent/map", "v", "axis('y', 1)", "x/y axis", "another axis from bottom to top"),
    key("latent/map", "X", "axis('x', -1)", "x before", "the axis before, from left to right", footer=False),
    key("latent/map", "V", "axis('y', -1)", "y before", "the axis before, from bottom to top", footer=False),
    key("latent/map", "p", "axes", "PCA", "dimensions of the code, or principal components"),
    key("latent/map", "c", "only(1)", "class", "only the next class in colour"),
    key("latent/map", "C", "only(-1)", "class before", "only the class before in colour", footer=False),
    key("latent/map", "a", "all", "all", "all classes in colour"),
    key("latent/map", "b", "colour(1)", "colours", "colour by class, or by an attribute"),
    key("latent/map", "d", "shade", "density", "shade where codes lie densely"),
    key("latent/map", "plus", "zoom(1)", "zoom", "show less, larger"),
    key("latent/map", "minus", "zoom(-1)", "zoom", "show more"),
    key("latent/map", "f", "fit", "fit", "show all codes"),
)

MANIFOLD: tuple[Key, ...] = (
    key("latent/manifold", "left h", "choose(-1, 0)", "choose", "choose the picture on the left"),
    key("latent/manifold", "right l", "choose(1, 0)", "choose", "choose the picture on the right"),
    key("latent/manifold", "up k", "choose(0, -1)", "choose", "choose the picture above"),
    key("latent/manifold", "down j", "choose(0, 1)", "choose", "choose the picture below"),
    key("latent/manifold", "shift+left H", "pan(-1, 0)", "pan", "go to the left", footer=False),
    key("latent/manifold", "shift+right L", "pan(1, 0)", "pan", "go to the right", footer=False),
    key("latent/manifold", "shift+up K", "pan(0, -1)", "pan", "go up", footer=False),
    key("latent/manifold", "shift+down J", "pan(0, 1)", "pan", "go down", footer=False),
    key("latent/manifold", "plus", "zoom(1)", "zoom", "a smaller range, about the chosen picture"),
    key("latent/manifold", "minus", "zoom(-1)", "zoom", "a larger range"),
    key("latent/manifold", "f", "fit", "fit", "the whole range"),
    key("latent/manifold", "full_stop", "more(1)", "more", "more pictures, smaller ones"),
    key("latent/manifold", "comma", "more(-1)", "fewer", "fewer pictures, larger ones"),
    key("latent/manifold", "x", "axis('x', 1)", "x/y axis", "another axis from left to right"),
    key("latent/manifold", "v", "axis('y', 1)", "x/y axis", "another axis from bottom to top"),
    key("latent/manifold", "X", "axis('x', -1)", "x before", "the axis before, from left to right", footer=False),
    key("latent/manifold", "V", "axis('y', -1)", "y before", "the axis before, from bottom to top", footer=False),
    key("latent/manifold", "p", "axes", "PCA", "dimensions of the code, or principal components"),
    key("latent/manifold", "w", "spacing", "spacing", "quantiles of the prior, or even steps through the codes"),
    key("latent/manifold", "d", "dim", "dim", "dim the pictures that lie far from the data"),
)

TRAVERSAL: tuple[Key, ...] = (
    key("latent/traversal", "up", "choose(-1)", "dimension", "the dimension above", palette=False),
    key("latent/traversal", "down", "choose(1)", "dimension", "the dimension below", palette=False),
    key("latent/traversal", "pageup", "choose(-10)", "page", "ten dimensions up", footer=False, palette=False),
    key("latent/traversal", "pagedown", "choose(10)", "page", "ten dimensions down", footer=False, palette=False),
    key("latent/traversal", "home", "choose(-1000000)", "first", "the dimension that carries most", footer=False),
    key("latent/traversal", "end", "choose(1000000)", "last", "the dimension that carries least", footer=False),
    key("latent/traversal", "left", "move(-0.1)", "move", "a tenth of a sigma less"),
    key("latent/traversal", "right", "move(0.1)", "move", "a tenth of a sigma more"),
    key("latent/traversal", "shift+left", "move(-0.5)", "move far", "half a sigma less", footer=False),
    key("latent/traversal", "shift+right", "move(0.5)", "move far", "half a sigma more", footer=False),
    key("latent/traversal", "space", "play", "sweep", "sweep the dimension from -3 to 3 sigma, or stop"),
    key("latent/traversal", "0", "reset", "reset", "this dimension as it was"),
    key("latent/traversal", "z", "reset_all", "reset all", "all dimensions as they were"),
    key("latent/traversal", "n", "image(1)", "image", "start from the next image"),
    key("latent/traversal", "p", "image(-1)", "image", "start from the image before"),
    key("latent/traversal", "o", "origin", "origin", "start from the prior's mean, or from the image"),
    key("latent/traversal", "l", "ends", "loop/bounce", "at the end start again, or turn round", footer=False),
    key("latent/traversal", "plus", "speed(1)", "speed", "sweep faster"),
    key("latent/traversal", "minus", "speed(-1)", "speed", "sweep slower"),
)

PRIOR: tuple[Key, ...] = (
    key("latent/prior", "n", "draw(1)", "draw", "draw anew: the next seed"),
    key("latent/prior", "p", "draw(-1)", "draw", "the draws before: the seed before"),
    key("latent/prior", "N", "draw(100)", "far", "a hundred seeds on", footer=False),
    key("latent/prior", "up", "temperature(1)", "temperature", "more various: a higher temperature"),
    key("latent/prior", "down", "temperature(-1)", "temperature", "more typical: a lower temperature"),
    key("latent/prior", "0", "temperature(0)", "temperature 1", "the temperature of the prior itself", footer=False),
    key("latent/prior", "plus", "size(1)", "size", "fewer, larger pictures"),
    key("latent/prior", "minus", "size(-1)", "size", "more, smaller pictures"),
)

POSTERIOR: tuple[Key, ...] = (
    key("latent/posterior", "right n", "image(1)", "image", "the next image"),
    key("latent/posterior", "left p", "image(-1)", "image", "the image before"),
    key("latent/posterior", "d", "draw_again", "draw", "draw from q(z|x) anew"),
    key("latent/posterior", "plus", "count(1)", "draws", "one draw more"),
    key("latent/posterior", "minus", "count(-1)", "draws", "one draw fewer"),
    key("latent/posterior", "v", "bells", "bells/bars", "bell curves, or bars of mean and sigma"),
    key("latent/posterior", "down", "scroll(1)", "scroll", "the dimensions below", palette=False),
    key("latent/posterior", "up", "scroll(-1)", "scroll", "the dimensions above", palette=False),
    key("latent/posterior", "pagedown", "scroll(10)", "page", "ten dimensions down", footer=False, palette=False),
    key("latent/posterior", "pageup", "scroll(-10)", "page", "ten dimensions up", footer=False, palette=False),
)

ATTRIBUTES: tuple[Key, ...] = (
    key("latent/attributes", "up", "move(-1, 0)", "cell", "the dimension above", palette=False),
    key("latent/attributes", "down", "move(1, 0)", "cell", "the dimension below", palette=False),
    key("latent/attributes", "left", "move(0, -1)", "cell", "the attribute on the left", palette=False),
    key("latent/attributes", "right", "move(0, 1)", "cell", "the attribute on the right", palette=False),
    key("latent/attributes", "pageup", "move(-10, 0)", "page", "ten dimensions up", footer=False, palette=False),
    key("latent/attributes", "pagedown", "move(10, 0)", "page", "ten dimensions down", footer=False, palette=False),
    key("latent/attributes", "b", "best", "best", "the dimension that follows this attribute"),
    key("latent/attributes", "o", "order", "order", "sort by this attribute, or by what a dimension carries"),
    key("latent/attributes", "n", "image(1)", "image", "the pictures from the next image"),
    key("latent/attributes", "p", "image(-1)", "image", "the pictures from the image before"),
)

KEYS: tuple[Key, ...] = (*SCREEN, *DECK, *TRAVERSAL, *MAP, *MANIFOLD, *PRIOR, *POSTERIOR, *ATTRIBUTES)

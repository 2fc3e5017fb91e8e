// Pointing at a place in a square: mouse, touch, pen and arrow keys.

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const STEP = 1 / 60;

/** Pixels between the border and the place 0 or 1, so that what is drawn there can be seen whole. */
export const INSET = 10;

/**
 * Make `canvas` a two-dimensional slider.
 *
 * current() → [x, y] and moved([x, y]): shares of the way from left to right and from bottom to top, 0 … 1.
 */
export function makePointing(canvas, current, moved) {
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-roledescription", "two-dimensional slider");
  canvas.setAttribute("aria-valuemin", "0");
  canvas.setAttribute("aria-valuemax", "100");
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const along = (pixels, size) => share((pixels - INSET) / (size - 2 * INSET));
    moved([along(event.clientX - box.left, box.width), along(box.bottom - event.clientY, box.height)]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) point(event);
  });
  canvas.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = event.shiftKey ? 5 * STEP : STEP;
    moved(current().map((at, axis) => share(at + step * way[axis])));
  });
}

/** Shares [x, y] in pixels of a canvas of that size. */
export function toPixels([x, y], { width, height }) {
  return [INSET + x * (width - 2 * INSET), height - INSET - y * (height - 2 * INSET)];
}

/** Tell those who hear the page where the point is. */
export function announce(canvas, [x], said) {
  canvas.setAttribute("aria-valuenow", String(Math.round(100 * x)));
  canvas.setAttribute("aria-valuetext", said);
}

function share(value) {
  return Math.min(1, Math.max(0, value));
}

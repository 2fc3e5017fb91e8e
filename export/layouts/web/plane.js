// Points in a plane, for data whose images are two numbers.

import { colour, dot, number, onAppearance, surface } from "./draw.js";
import { announce, makePointing, toPixels } from "./pointing.js";

const ARROWS = 15;
const MARGIN = 0.07;

export class Plane {
  #canvas;
  #low;
  #high;
  #shown = { dots: [], field: [], curve: [] };

  /** range: between what the coordinates lie. moved([x, y]), where given, makes the plane a place to point at. */
  constructor(canvas, [low, high], moved = null) {
    this.#canvas = canvas;
    this.#low = low - MARGIN * (high - low);
    this.#high = high + MARGIN * (high - low);
    if (moved) {
      const spread = this.#high - this.#low;
      makePointing(
        canvas,
        () => Array.from(this.#shown.input, (value) => (value - this.#low) / spread),
        (at) => moved(at.map((share) => this.#low + share * spread)),
      );
    }
    onAppearance(canvas, () => this.#draw());
  }

  /** A lattice of points over the plane, as one batch. */
  lattice() {
    const step = (this.#high - this.#low) / ARROWS;
    return Float32Array.from({ length: 2 * ARROWS * ARROWS }, (_, i) => {
      const cell = i % 2 ? Math.floor(i / 2 / ARROWS) : Math.floor(i / 2) % ARROWS;
      return this.#low + (cell + 0.5) * step;
    });
  }

  /**
   * dots, curve: [[x, y], …]; field: [[[x, y], [x, y]], …], from where to where; input, output: [x, y]. What is not given
   * stays.
   */
  show(shown) {
    this.#shown = { ...this.#shown, ...shown };
    const { input } = this.#shown;
    if (input && this.#canvas.getAttribute("role") === "slider") {
      const share = (input[0] - this.#low) / (this.#high - this.#low);
      announce(this.#canvas, [share], `${number(input[0], 3)}, ${number(input[1], 3)}`);
    }
    this.#draw();
  }

  #draw() {
    const { context, width, height } = surface(this.#canvas);
    const spread = this.#high - this.#low;
    const at = ([x, y]) => toPixels([(x - this.#low) / spread, (y - this.#low) / spread], { width, height });
    const { dots, field, curve, input, output } = this.#shown;
    for (const [from, to] of field) arrow(context, at(from), at(to), colour("faint"), width / ARROWS);
    line(context, curve.map(at), colour("second"));
    for (const point of dots) dot(context, at(point), 3, colour("faint"));
    if (input && output) arrow(context, at(input), at(output), colour("text"));
    if (input) dot(context, at(input), 6, colour("accent"));
    if (output) dot(context, at(output), 6, colour("second"));
  }
}

/** An arrow, cut to `longest` pixels: in a field longer ones would cover each other. */
function arrow(context, [x, y], to, stroke, longest = Infinity) {
  const length = Math.hypot(to[0] - x, to[1] - y);
  const kept = Math.min(1, longest / length);
  const [toX, toY] = [x + kept * (to[0] - x), y + kept * (to[1] - y)];
  const angle = Math.atan2(toY - y, toX - x);
  const head = Math.min(5, length / 2);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  for (const side of [-0.5, 0.5]) {
    context.moveTo(toX, toY);
    context.lineTo(toX - head * Math.cos(angle + side), toY - head * Math.sin(angle + side));
  }
  context.strokeStyle = stroke;
  context.stroke();
}

function line(context, points, stroke) {
  context.beginPath();
  points.forEach(([x, y]) => context.lineTo(x, y));
  context.strokeStyle = stroke;
  context.stroke();
}

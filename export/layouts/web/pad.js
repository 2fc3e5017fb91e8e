// The pad: two dimensions of the code at once, over those of the bundle's images.

import { colour, dot, number, onAppearance, surface } from "./draw.js";
import { announce, makePointing, toPixels } from "./pointing.js";

export class Pad {
  #canvas;
  #view = null;

  /** moved(dimension, value) is called for each of the two. */
  constructor(canvas, moved) {
    this.#canvas = canvas;
    makePointing(
      canvas,
      () => this.#place([this.#view.x, this.#view.y].map((axis) => axis?.value)),
      (at) => {
        const { x, y } = this.#view;
        moved([x, y].flatMap((axis, i) => (axis ? [[axis.dimension, axis.low + at[i] * (axis.high - axis.low)]] : [])));
      },
    );
    onAppearance(canvas, () => this.#draw());
  }

  /**
   * x, y: {dimension, low, high, value}, y null where the code has one dimension only. others: [[x, y], …], the codes of
   * images. prior: whether they are drawn from a standard normal distribution.
   */
  show(view) {
    this.#view = view;
    const said = [view.x, view.y].filter(Boolean).map((axis) => `z${axis.dimension} ${number(axis.value, 3)}`);
    announce(this.#canvas, this.#place([view.x.value, view.y?.value]), said.join(", "));
    this.#draw();
  }

  #place(values) {
    return [this.#view.x, this.#view.y].map((axis, i) => (axis ? (values[i] - axis.low) / (axis.high - axis.low) : 0.5));
  }

  #draw() {
    if (!this.#view) return;
    const { context, width, height } = surface(this.#canvas);
    const at = (values) => toPixels(this.#place(values), { width, height });
    const { x, y, others, prior } = this.#view;
    context.strokeStyle = colour("line");
    for (const deviations of prior && y ? [1, 2] : []) {
      // an ellipse where only one of the two ranges was widened
      const [left, top] = at([-deviations, deviations]);
      const [right, bottom] = at([deviations, -deviations]);
      context.beginPath();
      context.ellipse((left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2, 0, 0, 2 * Math.PI);
      context.stroke();
    }
    const origin = at([0, 0]);
    context.strokeRect(origin[0], -1, 0, height + 2);
    context.strokeRect(-1, y ? origin[1] : height / 2, width + 2, 0);
    for (const other of others) dot(context, at(other), 3, colour("faint"));
    const here = at([x.value, y?.value]);
    context.fillStyle = colour("accent");
    context.fillRect(here[0] - 0.5, 0, 1, height);
    if (y) context.fillRect(0, here[1] - 0.5, width, 1);
    dot(context, here, 8, colour("card"));
    dot(context, here, 6, colour("accent"));
  }
}

// An image, what the network makes of it, and how far the two lie apart.

import { codeOf } from "./code.js";
import { hundredths, number, paintImage, paintResidual } from "./draw.js";
import { hideFailure, showFailure } from "./failure.js";
import { readPicture } from "./picture.js";
import { Plane } from "./plane.js";

const VALUES = 64;
/** Below this a unit counts as silent. */
const SILENT = 1e-3;

const element = (id) => document.getElementById(id);

export class Reconstruct {
  #model;
  #manifest;
  #plane = null;
  /** The code of what is shown. */
  code = null;

  /** images: those of the bundle, one Float32Array each. */
  constructor(model, manifest, images, isPoints) {
    this.#model = model;
    this.#manifest = manifest;
    element("pixels").hidden = isPoints;
    element("points").hidden = !isPoints;
    if (isPoints) {
      this.#plane = new Plane(element("plane"), manifest.input_range, (point) => this.show(Float32Array.from(point)));
      this.#plane.show({ dots: images });
    } else {
      images.forEach((image, i) => this.#addThumbnail(image, i));
      this.#acceptFiles();
    }
  }

  /** Run one image [channels · height · width] through both networks and show all of it. */
  async show(image) {
    const heads = await this.#model.encode(image);
    const { code, deviation } = codeOf(heads, this.#manifest);
    const reconstruction = await this.#model.decode(code);
    this.code = code;
    const residual = reconstruction.map((value, i) => value - image[i]);
    if (this.#plane) this.#plane.show({ input: image, output: reconstruction });
    else this.#paint(image, reconstruction, residual);
    const [low, high] = this.#manifest.input_range;
    const mse = residual.reduce((sum, value) => sum + value * value, 0) / residual.length;
    showNumber("mse", mse, "");
    showNumber("psnr", 10 * Math.log10((high - low) ** 2 / mse), " dB");
    listCode(code, deviation);
  }

  /** Codes of points all over the plane; draws where their reconstruction takes them, the vector field r(x) − x. */
  async latticeCodes() {
    const points = this.#plane.lattice();
    const heads = await this.#model.encode(points);
    const moved = await this.#model.decode(heads[Object.keys(this.#manifest.heads)[0]]);
    const count = points.length / 2;
    const pair = (values, i) => [values[2 * i], values[2 * i + 1]];
    this.#plane.show({ field: Array.from({ length: count }, (_, i) => [pair(points, i), pair(moved, i)]) });
    return Array.from({ length: count }, (_, i) => codeOf(heads, this.#manifest, i).code);
  }

  #paint(image, reconstruction, residual) {
    const { image_shape: shape, input_range: range } = this.#manifest;
    paintImage(element("seen"), image, shape, range);
    paintImage(element("reconstruction"), reconstruction, shape, range);
    const full = paintResidual(element("residual"), residual, shape);
    element("residual-scale").textContent = `±${number(full, 2)}`;
  }

  #addThumbnail(image, i) {
    const canvas = document.createElement("canvas");
    paintImage(canvas, image, this.#manifest.image_shape, this.#manifest.input_range);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Image ${i + 1} of the bundle`);
    button.append(canvas);
    button.addEventListener("click", () => this.show(image));
    element("thumbnails").append(button);
  }

  #acceptFiles() {
    const file = element("file");
    file.addEventListener("change", () => {
      this.#read(file.files[0]);
      file.value = ""; // so that the same file can be chosen again
    });
    const mark = (event, isOver) => {
      event.preventDefault(); // else the browser leaves the page for the image
      element("drop").classList.toggle("over", isOver);
    };
    addEventListener("dragover", (event) => mark(event, true));
    addEventListener("dragleave", (event) => mark(event, false));
    addEventListener("drop", (event) => {
      mark(event, false);
      this.#read(event.dataTransfer.files[0]);
    });
    addEventListener("paste", (event) => this.#read(event.clipboardData.files[0]));
  }

  async #read(blob) {
    if (!blob) return;
    try {
      const image = await readPicture(blob, this.#manifest.image_shape, this.#manifest.input_range);
      hideFailure();
      await this.show(image);
    } catch (error) {
      showFailure(error);
    }
  }

}

/** `<data>` keeps the number as it is, and shows it to four digits. */
function showNumber(id, value, unit) {
  element(id).value = String(value);
  element(id).textContent = number(value) + unit;
}

function listCode(code, deviation) {
  const active = code.reduce((count, value) => count + (Math.abs(value) > SILENT), 0);
  const width = code.length;
  element("code-note").textContent =
    (width > VALUES ? `${width} numbers, ${active} of them not 0` : `${width === 1 ? "one number" : `${width} numbers`}`) +
    (deviation ? ": mean ± standard deviation" : "");
  const values = width > VALUES ? [] : Array.from(code);
  element("code").replaceChildren(
    ...values.map((value, k) => {
      const item = document.createElement("li");
      item.append(span(`z${k}`, "name"), span(hundredths(value) + (deviation ? ` ± ${hundredths(deviation[k])}` : ""), "value"));
      item.classList.toggle("silent", Math.abs(value) <= SILENT);
      return item;
    }),
  );
}

function span(text, kind) {
  const part = document.createElement("span");
  part.className = kind;
  part.textContent = text;
  return part;
}

// Sliders and a pad over the code, decoded while they move.

import { bySpread, hasPrior, randomCode, shownDimensions } from "./code.js";
import { hundredths } from "./draw.js";
import { Pad } from "./pad.js";

/** Steps of a slider over its range, hence presses of an arrow key. */
const STEPS = 120;

const element = (id) => document.getElementById(id);

export class Explore {
  #model;
  #show;
  #codes;
  #prior;
  #ranges;
  #code;
  #sliders = new Map();
  #axes;
  #pad;
  #isDecoding = false;
  #isStale = false;

  /**
   * codes: those of the bundle's examples, one Float32Array each. ranges: rangesOf() some codes, `whose` says of what.
   * imageCode(): the code of the image that is looked at. show(values, milliseconds): what to do with what was decoded.
   */
  constructor(model, manifest, { codes, ranges, whose, imageCode, show }) {
    this.#model = model;
    this.#show = show;
    this.#codes = codes;
    this.#prior = hasPrior(manifest);
    this.#ranges = ranges;
    const shown = shownDimensions(this.#ranges);
    this.#axes = bySpread(this.#ranges).slice(0, 2);
    shown.forEach((dimension) => this.#addSlider(dimension));
    this.#pad = new Pad(element("pad"), (values) => this.#set(values));
    this.#offerAxes(shown);
    element("range-note").textContent = rangeNote(this.#prior, whose, shown.length, ranges.length);
    this.#addButtons(imageCode);
  }

  /** Go to a code; what lies outside a slider's range widens it. */
  goTo(code) {
    this.#code = Float32Array.from(code);
    this.#code.forEach((value, k) => {
      const range = this.#ranges[k];
      range.low = Math.min(range.low, value);
      range.high = Math.max(range.high, value);
    });
    for (const dimension of this.#sliders.keys()) this.#showSlider(dimension);
    this.#changed();
  }

  #set(values) {
    for (const [dimension, value] of values) {
      this.#code[dimension] = value;
      this.#showSlider(dimension);
    }
    this.#changed();
  }

  #changed() {
    this.#showPad();
    this.#decode();
  }

  /** Decode the newest code; those that came while the last one was decoded are left out. */
  async #decode() {
    this.#isStale = true;
    if (this.#isDecoding) return;
    this.#isDecoding = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const began = performance.now();
        const values = await this.#model.decode(Float32Array.from(this.#code));
        this.#show(values, performance.now() - began);
      }
    } finally {
      this.#isDecoding = false;
    }
  }

  #addSlider(dimension) {
    const row = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const output = document.createElement("output");
    label.textContent = `z${dimension}`;
    label.htmlFor = input.id = `z${dimension}`;
    output.htmlFor.add(input.id);
    input.type = "range";
    input.addEventListener("input", () => {
      this.#code[dimension] = input.valueAsNumber;
      output.textContent = hundredths(input.valueAsNumber);
      this.#changed();
    });
    row.append(label, input, output);
    element("sliders").append(row);
    this.#sliders.set(dimension, { input, output });
  }

  #showSlider(dimension) {
    const slider = this.#sliders.get(dimension);
    if (!slider) return;
    const { low, high } = this.#ranges[dimension];
    slider.input.min = low;
    slider.input.max = high;
    slider.input.step = (high - low) / STEPS;
    slider.input.value = this.#code[dimension];
    slider.output.textContent = hundredths(this.#code[dimension]);
  }

  #showPad() {
    const [x, y] = this.#axes;
    const axis = (dimension) => ({ dimension, ...this.#ranges[dimension], value: this.#code[dimension] });
    this.#pad.show({
      x: axis(x),
      y: y === undefined ? null : axis(y),
      others: this.#codes.map((code) => [code[x], code[y]]),
      prior: this.#prior,
    });
  }

  #offerAxes(dimensions) {
    const choices = [element("pad-x"), element("pad-y")];
    choices.forEach((choice, i) => {
      choice.append(...dimensions.map((dimension) => new Option(`z${dimension}`, dimension)));
      choice.addEventListener("change", () => {
        const chosen = Number(choice.value);
        if (this.#axes[1 - i] === chosen) this.#axes[1 - i] = this.#axes[i]; // the two change places
        this.#axes[i] = chosen;
        mark();
        this.#showPad();
      });
    });
    const mark = () => choices.forEach((choice, i) => (choice.value = String(this.#axes[i] ?? "")));
    mark();
    element("pad-y-label").hidden = dimensions.length < 2;
  }

  #addButtons(imageCode) {
    element("from-image").addEventListener("click", () => this.goTo(imageCode()));
    element("zero").addEventListener("click", () => this.goTo(this.#code.map(() => 0)));
    const random = element("random");
    random.textContent = this.#prior ? "sample from the prior" : "random code";
    random.addEventListener("click", () => this.goTo(randomCode(this.#ranges, this.#prior)));
  }
}

function rangeNote(prior, whose, shown, width) {
  const where = prior
    ? "The decoder was trained to make something of any code from the prior N(0, I)."
    : `This variant has no prior: the ranges are those of the codes of ${whose}, widened by a quarter.`;
  const which = ` Sliders for ${shown} of ${width} dimensions, those that differ most between them.`;
  return where + (shown < width ? which : "");
}

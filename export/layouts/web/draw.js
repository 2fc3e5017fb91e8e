// Arrays as pictures.

/** A number for people: as many significant digits as asked for, a true minus sign. */
export function number(value, digits = 4) {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const small = Math.abs(value) < 1e-3;
  return (small ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)))).replaceAll("-", "−");
}

/** Two digits after the point, so that numbers stand still while they change; nothing is −0.00. */
export function hundredths(value) {
  return value.toFixed(2).replace(/^-(?=.*[1-9])/, "−").replace("-", "");
}

/** Paint one image [channels, height, width] with one canvas pixel per pixel; three channels or more are colour. */
export function paintImage(canvas, values, [channels, height, width], [low, high]) {
  const step = channels >= 3 ? height * width : 0;
  const byte = (value) => (255 * (value - low)) / (high - low);
  paint(canvas, height, width, (i) => [byte(values[i]), byte(values[i + step]), byte(values[i + 2 * step])]);
}

/** Paint `residual`, its mean over the channels: orange above 0, blue below, black at 0. Returns where colour is full. */
export function paintResidual(canvas, residual, [channels, height, width]) {
  const size = height * width;
  const mean = new Float32Array(size);
  residual.forEach((value, i) => (mean[i % size] += value / channels));
  const full = mean.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  paint(canvas, height, width, (i) => {
    const share = Math.abs(mean[i]) / full;
    return (mean[i] > 0 ? [255, 140, 45] : [70, 150, 255]).map((value) => value * share);
  });
  return full;
}

/** A canvas with as many pixels as the screen has for it. Returns {context, width, height} in CSS pixels. */
export function surface(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return { context, width, height };
}

/** The page's colour of that name, as light or dark as the page is now. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
}

export function dot(context, [x, y], radius, fill) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
}

/** Call `redraw` when the canvas changes its size or the page its colours. */
export function onAppearance(canvas, redraw) {
  new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

function paint(canvas, height, width, colourOf) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const picture = context.createImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    const [red, green, blue] = colourOf(i);
    picture.data.set([red, green, blue, 255].map(Math.round), 4 * i);
  }
  context.putImageData(picture, 0, 0);
}

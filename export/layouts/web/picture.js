// An image file as the network's input.

import { Failure, text } from "./failure.js";
import { resample } from "./resample.js";

/** The smallest limit that a current browser sets to a canvas; a larger image is scaled down to it first. */
const CANVAS_PIXELS = 4096 * 4096;

/**
 * `blob` as one image of the shape [channels, height, width], values in `range`; the whole image is scaled, proportions
 * are not kept: training does the same. Throws Failure where the browser cannot read it.
 */
export async function readPicture(blob, [channels, height, width], [low, high]) {
  const { data, width: givenWidth, height: givenHeight } = await decode(blob);
  const planes = channels === 3 ? [0, 1, 2].map((channel) => plane(data, channel)) : [luminance(data)];
  const scaled = planes.map((values) => resample(values, givenWidth, givenHeight, width, height));
  const input = new Float32Array(channels * height * width);
  for (let channel = 0; channel < channels; channel++) {
    const values = scaled[Math.min(channel, scaled.length - 1)];
    values.forEach((value, i) => (input[channel * values.length + i] = low + (value / 255) * (high - low)));
  }
  return input;
}

async function decode(blob) {
  let bitmap;
  try {
    // as it is stored, not fitted to this screen; turned as its EXIF data say
    bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", imageOrientation: "from-image" });
  } catch (error) {
    throw new Failure(
      `${blob.name ?? "what was given"} is not an image that this browser can read`,
      text(error),
      "give a PNG, JPEG, WebP or GIF file",
    );
  }
  const shrink = Math.min(1, Math.sqrt(CANVAS_PIXELS / (bitmap.width * bitmap.height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.floor(bitmap.width * shrink));
  canvas.height = Math.max(1, Math.floor(bitmap.height * shrink));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillRect(0, 0, canvas.width, canvas.height); // alpha on black
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function plane(rgba, channel) {
  const values = new Uint8ClampedArray(rgba.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = rgba[4 * i + channel];
  return values;
}

/** ITU-R BT.601 luma. */
function luminance(rgba) {
  const values = new Uint8ClampedArray(rgba.length / 4);
  for (let i = 0; i < values.length; i++) {
    values[i] = 0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2];
  }
  return values;
}

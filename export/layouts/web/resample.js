// Scaling as training does it (Lanczos over three lobes, widened when an image shrinks; large images are averaged down
// first): a browser's own scaling differs from one browser to the next, and with it what the network sees.

const LOBES = 3;
/** An image that shrinks by more than twice this is first averaged in whole blocks. */
const REDUCING_GAP = 3;

/** `plane` (bytes, row by row) of width × height as one of toWidth × toHeight. */
export function resample(plane, width, height, toWidth, toHeight) {
  const blockWidth = Math.max(1, Math.floor(width / toWidth / REDUCING_GAP));
  const blockHeight = Math.max(1, Math.floor(height / toHeight / REDUCING_GAP));
  const reduced = average(plane, width, height, blockWidth, blockHeight);
  // the last block may be cut: the image ends within it
  const across = weights(reduced.width, width / blockWidth, toWidth);
  const down = weights(reduced.height, height / blockHeight, toHeight);
  // the pass that leaves fewer pixels to the other goes first; between them values are rounded, so the order can be seen
  const columnsFirst = toHeight < reduced.height && reduced.width * toHeight < toWidth * reduced.height;
  if (columnsFirst) {
    const low = weighColumns(reduced.plane, reduced.width, reduced.height, down);
    return weighRows(low, reduced.width, toHeight, across);
  }
  const narrow = weighRows(reduced.plane, reduced.width, reduced.height, across);
  return weighColumns(narrow, toWidth, reduced.height, down);
}

function average(plane, width, height, blockWidth, blockHeight) {
  if (blockWidth === 1 && blockHeight === 1) return { plane, width, height };
  const columns = Math.ceil(width / blockWidth);
  const rows = Math.ceil(height / blockHeight);
  const reduced = new Uint8ClampedArray(columns * rows);
  for (let row = 0; row < rows; row++) {
    const bottom = Math.min(height, (row + 1) * blockHeight);
    for (let column = 0; column < columns; column++) {
      const right = Math.min(width, (column + 1) * blockWidth);
      let sum = 0;
      for (let y = row * blockHeight; y < bottom; y++) {
        for (let x = column * blockWidth; x < right; x++) sum += plane[y * width + x];
      }
      reduced[row * columns + column] = sum / ((bottom - row * blockHeight) * (right - column * blockWidth));
    }
  }
  return { plane: reduced, width: columns, height: rows };
}

/** Per target pixel the first source pixel and the weights from there. extent: where the image ends, in source pixels. */
function weights(size, extent, toSize) {
  const scale = extent / toSize;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: toSize }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - LOBES * stretch + 0.5));
    const last = Math.min(size, Math.trunc(centre + LOBES * stretch + 0.5));
    const values = Array.from({ length: last - first }, (_, k) => lanczos((first + k + 0.5 - centre) / stretch));
    const sum = values.reduce((a, b) => a + b, 0);
    return { first, values: values.map((value) => value / sum) };
  });
}

function weighRows(plane, width, height, targets) {
  const scaled = new Uint8ClampedArray(targets.length * height);
  for (let y = 0; y < height; y++) {
    targets.forEach(({ first, values }, x) => {
      let sum = 0;
      for (let k = 0; k < values.length; k++) sum += values[k] * plane[y * width + first + k];
      scaled[y * targets.length + x] = sum;
    });
  }
  return scaled;
}

function weighColumns(plane, width, height, targets) {
  const weighed = weighRows(transpose(plane, width, height), height, width, targets);
  return transpose(weighed, targets.length, width);
}

function transpose(plane, width, height) {
  const turned = new Uint8ClampedArray(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = plane[y * width + x];
  }
  return turned;
}

function lanczos(x) {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

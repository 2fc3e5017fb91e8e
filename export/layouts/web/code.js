// What is known of a code: its distribution, the ranges in which it is looked at, and random codes.

/** More sliders than this help nobody. */
const MOST = 64;
const FEW = 32;
const PRIOR_RANGE = 3;

/** True where the encoder gives a distribution over codes, hence the decoder was trained on a prior. */
export function hasPrior(manifest) {
  return Object.keys(manifest.heads).length > 1;
}

/** The code of image `i`: {code, deviation}, Float32Arrays; deviation is null where the encoder gives no distribution. */
export function codeOf(heads, manifest, i = 0) {
  const width = manifest.latent_dim;
  const [first] = Object.keys(manifest.heads);
  const code = Float32Array.from(heads[first].subarray(i * width, (i + 1) * width));
  let deviation = null;
  if (heads.log_variance) {
    deviation = Float32Array.from(heads.log_variance.subarray(i * width, (i + 1) * width), (value) => Math.exp(value / 2));
  } else if (heads.scale_tril) {
    const rows = heads.scale_tril.subarray(i * width * width, (i + 1) * width * width);
    deviation = code.map((_, row) => Math.hypot(...rows.subarray(row * width, (row + 1) * width)));
  }
  return { code, deviation };
}

/**
 * Per dimension {low, high, spread}: from the prior ±3; else the codes of images from least to most, widened by a quarter
 * (not below 0 where no code is: a ReLU is in the way). spread: how far the codes lie apart.
 */
export function rangesOf(codes, prior) {
  const width = codes[0].length;
  const extremes = Array.from({ length: width }, (_, k) => {
    const values = codes.map((code) => code[k]);
    return { least: Math.min(...values), most: Math.max(...values) };
  });
  const widest = Math.max(...extremes.map(({ least, most }) => most - least)) || 1;
  const nonNegative = extremes.every(({ least }) => least >= 0);
  return extremes.map(({ least, most }) => {
    const spread = most - least;
    if (prior) return { low: -PRIOR_RANGE, high: PRIOR_RANGE, spread };
    const margin = (spread || widest) / 4;
    return { low: nonNegative ? Math.max(0, least - margin) : least - margin, high: most + margin, spread };
  });
}

/** The dimensions that get a slider, in order: all, or of many the ones that differ most between images. */
export function shownDimensions(ranges) {
  const all = ranges.map((_, k) => k);
  return ranges.length <= MOST ? all : bySpread(ranges).slice(0, FEW).sort((a, b) => a - b);
}

/** Dimensions from the one that differs most between images to the one that differs least. */
export function bySpread(ranges) {
  return ranges.map((_, k) => k).sort((a, b) => ranges[b].spread - ranges[a].spread);
}

/** A code from the prior N(0, I); without one, from anywhere within the ranges. */
export function randomCode(ranges, prior) {
  return Float32Array.from(ranges, ({ low, high }) => (prior ? gaussian() : low + Math.random() * (high - low)));
}

/** Box and Muller's transform. */
function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

// Does this browser compute what onnxruntime computed when the bundle was written?

/** Largest |difference| that is let pass: absolute + relative · max|expected|. int8: a rounding may fall to the other side. */
const TOLERANCES = {
  fp32: { absolute: 1e-5, relative: 1e-4 },
  fp16: { absolute: 1e-3, relative: 1e-3 },
  int8: { absolute: 2e-2, relative: 5e-2 },
};

/**
 * Run the vectors through both graphs.
 *
 * vectors: {images, heads: {name: values}, codes, reconstructions}, Float32Arrays. Returns {passed, difference, worst}:
 * the largest difference of all outputs, and the output that comes nearest to what is allowed, or furthest beyond it.
 */
export async function selfCheck(model, vectors, precision) {
  const tolerance = TOLERANCES[precision] ?? TOLERANCES.fp32;
  const heads = await model.encode(vectors.images);
  const found = Object.entries(vectors.heads).map(([name, wanted]) => compare(name, heads[name], wanted, tolerance));
  found.push(compare("reconstruction", await model.decode(vectors.codes), vectors.reconstructions, tolerance));
  return {
    passed: found.every(({ passed }) => passed),
    difference: Math.max(...found.map(({ difference }) => difference)),
    worst: found.reduce((a, b) => (b.difference / b.allowed > a.difference / a.allowed ? b : a)),
  };
}

function compare(output, found, wanted, { absolute, relative }) {
  let difference = found.length === wanted.length ? 0 : Infinity;
  let size = 0;
  for (let i = 0; i < wanted.length; i++) {
    const here = Math.abs(found[i] - wanted[i]);
    difference = Math.max(difference, Number.isNaN(here) ? Infinity : here);
    size = Math.max(size, Math.abs(wanted[i]));
  }
  const allowed = absolute + relative * size;
  return { output, difference, allowed, passed: difference <= allowed };
}

// From nothing to a page that has checked itself.

import { canHash, readFiles, readManifest } from "./bundle.js";
import { codeOf, hasPrior, rangesOf } from "./code.js";
import { number, paintImage } from "./draw.js";
import { Explore } from "./explore.js";
import { Failure, hideFailure, showFailure, text } from "./failure.js";
import { Plane } from "./plane.js";
import { Reconstruct } from "./reconstruct.js";
import { loadRuntime, openModel } from "./runtime.js";
import { selfCheck } from "./selfcheck.js";
import { readTensor } from "./tensor.js";

/** Decodings that the time shown is the mean of: a browser's clock is no finer than the time of one. */
const TIMED = 50;

/** Points of the curve that a code of one number decodes to. */
const CURVE = 200;

const element = (id) => document.getElementById(id);

async function start() {
  hideFailure();
  const loading = loadRuntime(); // by far the most bytes, so it begins first
  loading.catch(() => {}); // met below, where it is waited for
  say("check", "Loading the model and the runtime …");
  const manifest = await readManifest();
  showFacts(manifest);
  const files = await readFiles(manifest);
  say("hashes", canHash() ? `sha256 of ${files.size} files as in manifest.json` : "sha256 not checked: browsers hash on https or localhost only");
  const vectors = readVectors(manifest, files);
  const runtime = await loading;
  say("runtime", `onnxruntime-web ${runtime.version}, WASM, one thread`);
  const model = await openModel(runtime, manifest, files);
  await check(model, vectors, manifest);
  await open(model, vectors, manifest);
}

async function check(model, vectors, manifest) {
  const { passed, difference, worst } = await selfCheck(model, vectors, manifest.precision);
  const found = number(difference, 2);
  element("status").dataset.state = passed ? "good" : "bad";
  say("check", `Self-check ${passed ? "passed" : "failed"}: largest difference ${found}`);
  if (passed) return;
  showFailure(
    new Failure(
      `this browser's runtime computes wrongly: ${worst.output} differs from its test vector by ${number(worst.difference, 2)}`,
      `${number(worst.allowed, 2)} is allowed; what the page shows is not what the model computes`,
      "try another browser, or run aetrain verify on the bundle",
    ),
  );
}

async function open(model, vectors, manifest) {
  const [channels, height, width] = manifest.image_shape;
  const [low, high] = manifest.input_range;
  const isPoints = channels === 1 && height === 1 && width === 2 && !(low === 0 && high === 1);
  const images = rows(vectors.images, channels * height * width);
  const codes = images.map((_, i) => codeOf(vectors.heads, manifest, i).code);
  element("panels").hidden = false; // before anything is drawn: it has to have a size
  if (isPoints) say("from-image", "from the point");
  const reconstruct = new Reconstruct(model, manifest, images, isPoints);
  const times = await timeDecoding(model, codes[0]);
  // a handful of points may all lie in one corner of the plane
  const known = isPoints ? await reconstruct.latticeCodes() : codes;
  const ranges = rangesOf(known, hasPrior(manifest));
  const paint = isPoints
    ? await pointPainter(model, images, ranges, manifest)
    : (values) => paintImage(element("decoded"), values, manifest.image_shape, manifest.input_range);
  const explore = new Explore(model, manifest, {
    codes,
    ranges,
    whose: isPoints ? "points all over the plane" : "the bundle's images",
    imageCode: () => reconstruct.code,
    show(values, milliseconds) {
      paint(values);
      showTime(times, milliseconds);
    },
  });
  await reconstruct.show(images[0]);
  explore.goTo(reconstruct.code);
  document.documentElement.dataset.ready = "";
}

async function pointPainter(model, images, ranges, manifest) {
  element("decoded").classList.add("square");
  const plane = new Plane(element("decoded"), manifest.input_range);
  if (manifest.latent_dim === 1) {
    // all that a decoder of one number can reach is a curve
    const [{ low, high }] = ranges;
    const along = Float32Array.from({ length: CURVE }, (_, i) => low + (i / (CURVE - 1)) * (high - low));
    plane.show({ curve: rows(await model.decode(along), 2) });
  }
  return (values) => plane.show({ dots: images, output: values });
}

async function timeDecoding(model, code) {
  const times = [];
  await model.decode(code); // the first one also sets things up
  for (let i = 0; i < TIMED; i++) {
    const began = performance.now();
    await model.decode(code);
    times.push(performance.now() - began);
    if (performance.now() - began > 100) break; // slow enough for any clock
  }
  return times;
}

function showTime(times, milliseconds) {
  times.push(milliseconds);
  if (times.length > TIMED) times.shift();
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  say("speed", `${number(mean, 2)} ms per decode`);
}

function readVectors(manifest, files) {
  const values = (name) => readTensor(files.get(`test_data_set_0/${name}.pb`), name).values;
  const vectors = {
    images: values("encoder/input_0"),
    heads: Object.fromEntries(Object.keys(manifest.heads).map((name, i) => [name, values(`encoder/output_${i}`)])),
    codes: values("decoder/input_0"),
    reconstructions: values("decoder/output_0"),
  };
  const size = manifest.image_shape.reduce((product, length) => product * length, 1);
  if (!vectors.images.length || vectors.images.length % size || vectors.codes.length % manifest.latent_dim) {
    throw new Failure("the test vectors are of another shape than the model", "manifest.json says otherwise", "export the run again");
  }
  return vectors;
}

/** Names and numbers of the manifest; a name is text from outside and stays text. */
function showFacts(manifest) {
  document.title = element("name").textContent = manifest.name;
  const facts = [
    ["variant", manifest.variant],
    ["architecture", manifest.arch],
    ["data", manifest.data],
    ["image", manifest.image_shape.join(" × ")],
    ["code", `${manifest.latent_dim} wide`],
    ["steps", manifest.step.toLocaleString("en")],
    ["test MSE", manifest.test_mse == null ? "not measured" : number(manifest.test_mse)],
    ["precision", manifest.precision ?? "fp32"],
  ];
  for (const [term, value] of facts) {
    const pair = document.createElement("div");
    for (const [tag, content] of [["dt", term], ["dd", value]]) {
      const part = document.createElement(tag);
      part.textContent = content;
      pair.append(part);
    }
    element("facts").append(pair);
  }
}

function rows(values, width) {
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

function say(id, words) {
  element(id).textContent = words;
}

function fail(error) {
  element("status").dataset.state = "bad";
  if (!element("check").textContent.startsWith("Self-check")) say("check", "Not ready");
  showFailure(error);
}

addEventListener("unhandledrejection", (event) => fail(event.reason));
addEventListener("error", (event) => fail(event.error ?? new Error(text(event))));
start().catch(fail);

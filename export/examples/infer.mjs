// Reconstruct images with this bundle; needs Node 18 or newer and the package onnxruntime-node, nothing else.
//
//   npm install onnxruntime-node
//   node infer.mjs               the bundle's own test images
//   node infer.mjs images.npy    your own: [n, channels, height, width] (or [n, height, width]),
//                                uint8, or float32 in [0, 1]

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bundle = fileURLToPath(new URL("..", import.meta.url));
const ort = find("onnxruntime-node");
const manifest = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8"));
const [encoder, decoder] = await Promise.all(
  ["encoder.onnx", "decoder.onnx"].map((name) => ort.InferenceSession.create(join(bundle, name))),
);

let { shape, values } = process.argv[2]
  ? readNpy(readFileSync(process.argv[2]))
  : readTensor(readFileSync(join(bundle, "test_data_set_0/encoder/input_0.pb")));
if (shape.length === 3) shape = [shape[0], 1, shape[1], shape[2]];
if (String(shape.slice(1)) !== String(manifest.image_shape)) {
  console.error(`images of [${shape.slice(1)}], the model takes [${manifest.image_shape}] per image`);
  process.exit(1);
}
// The graphs take float32 in [0, 1]; whatever else they need, they do themselves.
const images = values instanceof Uint8Array ? Float32Array.from(values, (value) => value / 255) : values;

const heads = await encoder.run({ image: new ort.Tensor("float32", images, shape) });
// The first head is the code. Where it is the mean of a distribution, a sample from that would be
//   mean[i] + Math.exp(log_variance[i] / 2) * noise[i], with noise from a standard normal distribution.
const names = Object.keys(manifest.heads);
const { reconstruction } = await decoder.run({ latent: heads[names[0]] });

let sum = 0;
for (let i = 0; i < images.length; i++) sum += (reconstruction.data[i] - images[i]) ** 2;
for (const name of names) console.log(`${name}: [${heads[name].dims.join(", ")}]`);
const error = (sum / images.length).toFixed(6).replace("NaN", "nan");
console.log(`reconstruction: [${reconstruction.dims.join(", ")}], mean squared error per pixel ${error}`);

// An import would look beside this file only; the package may as well be where you are.
function find(name) {
  for (const place of [import.meta.url, join(process.cwd(), "here.js")]) {
    try {
      return createRequire(place)(name);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  console.error(`${name} is not installed: npm install ${name}`);
  process.exit(1);
}

// A test vector: a protobuf message, of which the shape (field 1) and the raw float32 numbers (field 9) matter.
function readTensor(message) {
  const shape = [];
  let values = new Float32Array();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const value = varint(); // a number, or the length of the bytes that follow
    if (key % 8 === 0 && key >> 3 === 1) shape.push(value);
    if (key % 8 !== 2) continue;
    if (key >> 3 === 9) values = new Float32Array(Uint8Array.from(message.subarray(at, at + value)).buffer);
    at += value;
  }
  return { shape, values };
}

// A file of numpy.save: six bytes that say so, the version, the length of a header like
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 28, 28), }, the header, the numbers.
function readNpy(file) {
  const long = file[6] > 1;
  const start = (long ? 12 : 10) + (long ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.toString("latin1", 10, start);
  const [, kind] = /'descr': '[<|]?(f4|u1)'/.exec(header) ?? [];
  const [, sizes] = /'shape': \(([\d, ]*)\)/.exec(header) ?? [];
  if (file.toString("latin1", 1, 6) !== "NUMPY" || !kind || !sizes || header.includes("'fortran_order': True")) {
    console.error("not an array of uint8 or float32 in C order, as numpy.save writes it");
    process.exit(1);
  }
  const bytes = Uint8Array.from(file.subarray(start));
  return { shape: sizes.match(/\d+/g).map(Number), values: kind === "u1" ? bytes : new Float32Array(bytes.buffer) };
}

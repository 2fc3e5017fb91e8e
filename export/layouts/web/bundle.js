// The files of the bundle, checked against manifest.json as far as this browser lets us.

import { Failure, text } from "./failure.js";

export const ROOT = new URL("../", import.meta.url);

const FORMAT = "aetui-bundle";
const SCHEMA = 1;
const COPY_AGAIN = "copy the whole bundle again from where it came from";

/** manifest.json, of which what the page relies on has been looked at. Throws Failure. */
export async function readManifest() {
  let manifest;
  try {
    manifest = JSON.parse(new TextDecoder().decode(await load("manifest.json")));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("manifest.json is not JSON", text(error), COPY_AGAIN);
  }
  const wrong = fault(manifest);
  if (wrong) throw new Failure("manifest.json is not the manifest of such a bundle", wrong, COPY_AGAIN);
  return manifest;
}

/** Name → bytes of the graphs and of the vectors with which the bundle tests itself. Throws Failure. */
export async function readFiles(manifest) {
  const heads = Object.keys(manifest.heads);
  const names = [
    "encoder.onnx",
    "decoder.onnx",
    "test_data_set_0/encoder/input_0.pb",
    ...heads.map((_, i) => `test_data_set_0/encoder/output_${i}.pb`),
    "test_data_set_0/decoder/input_0.pb",
    "test_data_set_0/decoder/output_0.pb",
  ];
  const files = await Promise.all(names.map(async (name) => [name, await readListed(manifest, name)]));
  return new Map(files);
}

/** Hashing needs a page from https or this machine; elsewhere browsers have no crypto.subtle. */
export function canHash() {
  return Boolean(globalThis.crypto?.subtle);
}

async function readListed(manifest, name) {
  const entry = manifest.files[name];
  if (!entry) throw new Failure(`${name} is not listed in manifest.json`, "a verified bundle lists it", COPY_AGAIN);
  const bytes = await load(name);
  const changed = (fact) => new Failure(`${name} ${fact}`, "it changed after it was written", COPY_AGAIN);
  if (bytes.length !== entry.bytes) {
    throw changed(`has ${bytes.length} bytes, manifest.json says ${entry.bytes}`);
  }
  if (!canHash()) return bytes;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== entry.sha256) {
    throw changed(`has sha256 ${found.slice(0, 8)}…, manifest.json says ${String(entry.sha256).slice(0, 8)}…`);
  }
  return bytes;
}

async function load(name) {
  const serve = "serve the whole folder of the bundle, for instance with python -m http.server";
  let response;
  try {
    // no-cache asks the server whether the file is still the same: a bundle may be exported again to the same place
    response = await fetch(new URL(name, ROOT), { cache: "no-cache" });
  } catch (error) {
    throw new Failure(`${name} could not be loaded`, text(error), serve);
  }
  if (!response.ok) {
    throw new Failure(`${name} could not be loaded`, `the server answered ${response.status} ${response.statusText}`, serve);
  }
  return new Uint8Array(await response.arrayBuffer());
}

function fault(manifest) {
  const isCount = (value) => Number.isSafeInteger(value) && value > 0;
  const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isTable(manifest) || manifest.format !== FORMAT) return "it is another program's";
  if (!(manifest.schema <= SCHEMA)) return `it has schema ${manifest.schema}, this page reads up to ${SCHEMA}`;
  if (manifest.image_shape?.length !== 3 || !manifest.image_shape.every(isCount)) return "image_shape is not three sizes";
  if (!isCount(manifest.latent_dim)) return "latent_dim is not a width";
  if (!isTable(manifest.heads) || !Object.keys(manifest.heads).length) return "heads is not a table";
  if (!Array.isArray(manifest.input_range) || !(manifest.input_range[0] < manifest.input_range[1])) {
    return "input_range is not a range";
  }
  return isTable(manifest.files) ? "" : "files is not a table";
}

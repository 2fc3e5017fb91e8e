// onnxruntime-web (WASM, one thread), each of its files checked against the hash that the page was made with.
//
// One thread needs no SharedArrayBuffer, hence no special headers: any static server will do. WebGPU is left alone:
// for small convolutional networks it has been numerically wrong.

import { ROOT } from "./bundle.js";
import { Failure, text } from "./failure.js";

const SCRIPT = "ort.wasm.min.js";
const MODULE = "ort-wasm-simd-threaded.mjs";
const BINARY = "ort-wasm-simd-threaded.wasm";

/** {ort, version}: the library, ready to open sessions. Throws Failure. */
export async function loadRuntime() {
  const { version, base, integrity } = await (await fetch(new URL("web/runtime.json", ROOT), { cache: "no-cache" })).json();
  const at = (name) => new URL(name, new URL(base, ROOT));
  const [module, binary] = await Promise.all([
    fetchChecked(at(MODULE), integrity[MODULE]),
    fetchChecked(at(BINARY), integrity[BINARY]),
    runScript(at(SCRIPT), integrity[SCRIPT]),
  ]);
  const { ort } = globalThis;
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  // import() has no integrity, nor has the library's own fetch: both get the copies whose hashes were checked
  ort.env.wasm.wasmPaths = { mjs: blobUrl(module, "text/javascript"), wasm: blobUrl(binary, "application/wasm") };
  return { ort, version };
}

/** Two sessions as two functions from float32 to float32, one call at a time. Throws Failure. */
export async function openModel({ ort }, manifest, files) {
  const encoder = await openSession(ort, files, "encoder.onnx");
  const decoder = await openSession(ort, files, "decoder.onnx");
  let turn = Promise.resolve();
  const run = (session, input, values, shape) => {
    const count = values.length / shape.reduce((product, size) => product * size, 1);
    const answer = turn.then(() => session.run({ [input]: new ort.Tensor("float32", values, [count, ...shape]) }));
    turn = answer.catch(() => {});
    return answer;
  };
  return {
    /** Float32Array of images → head name → Float32Array. */
    async encode(images) {
      const outputs = await run(encoder, "image", images, manifest.image_shape);
      return Object.fromEntries(Object.keys(manifest.heads).map((name) => [name, outputs[name].data]));
    },
    /** Float32Array of codes → Float32Array of images. */
    async decode(codes) {
      return (await run(decoder, "latent", codes, [manifest.latent_dim])).reconstruction.data;
    },
  };
}

function blobUrl(content, type) {
  return URL.createObjectURL(new Blob([content], { type }));
}

async function openSession(ort, files, name) {
  try {
    return await ort.InferenceSession.create(files.get(name), { executionProviders: ["wasm"] });
  } catch (error) {
    throw new Failure(`${name} could not be opened`, text(error), "use a current Chromium, Firefox or Safari");
  }
}

async function fetchChecked(url, integrity) {
  try {
    return await (await fetch(url, { integrity })).arrayBuffer();
  } catch (error) {
    throw await notLoaded(url, error);
  }
}

function runScript(url, integrity) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: url.href, integrity, crossOrigin: "anonymous" });
    script.addEventListener("load", resolve);
    script.addEventListener("error", async () => reject(await notLoaded(url, "the browser refused it")));
    document.head.append(script);
  });
}

/** A refused hash and a dead network look the same to a page; whether the file comes without its hash tells them apart. */
async function notLoaded(url, error) {
  const again = await fetch(url).catch(() => null);
  const reason = again && !again.ok ? `the server answered ${again.status} ${again.statusText}` : text(error);
  const own = url.href.startsWith(ROOT.href);
  return again?.ok
    ? new Failure(
        `${url.href} is not the file that this page was made with`,
        "its sha384 differs, so it does not run here",
        own ? "copy the whole bundle again from where it came from" : "export with --onnxruntime-web DIR: then the page brings its own",
      )
    : new Failure(
        `${url.href} could not be loaded`,
        reason,
        own ? "serve the whole folder of the bundle" : "go online, or export with --onnxruntime-web DIR: then the page needs no network",
      );
}

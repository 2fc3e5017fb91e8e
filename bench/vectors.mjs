// node vectors.mjs MODULE JOB.json: what a JavaScript runtime of ONNX answers, as raw float32 files.
// MODULE: what is imported as onnxruntime. JOB: [{graph, name, file, dims, outputs: {name: file}}]
import { readFile, writeFile } from "node:fs/promises";

const imported = await import(process.argv[2]);
const ort = imported.InferenceSession ? imported : imported.default;
if (ort.env?.wasm) ort.env.wasm.numThreads = 1;

for (const { graph, name, file, dims, outputs } of JSON.parse(await readFile(process.argv[3], "utf8"))) {
  const session = await ort.InferenceSession.create(new Uint8Array(await readFile(graph)));
  const bytes = await readFile(file);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const answer = await session.run({ [name]: new ort.Tensor("float32", values, dims) });
  for (const [output, path] of Object.entries(outputs)) {
    await writeFile(path, new Uint8Array(Float32Array.from(answer[output].data).buffer));
  }
}

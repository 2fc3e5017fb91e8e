// ONNX's TensorProto, as far as float32 tensors of a bundle need it (onnx.proto: field numbers below).

import { Failure, text } from "./failure.js";

const DIMS = 1;
const DATA_TYPE = 2;
const FLOAT_DATA = 4;
const RAW_DATA = 9;
const DATA_LOCATION = 14;
const FLOAT = 1;

/** {dims, values: Float32Array} of the file `name`. Throws Failure where it is no float32 tensor. */
export function readTensor(bytes, name) {
  try {
    return parse(bytes);
  } catch (error) {
    throw new Failure(`${name} is not a float32 tensor`, text(error), "copy the whole bundle again from where it came from");
  }
}

function parse(bytes) {
  const dims = [];
  let type = 0;
  let raw = null;
  const floats = [];
  for (const { field, value } of fields(bytes)) {
    const packed = value instanceof Uint8Array;
    if (field === DIMS) dims.push(...(packed ? varints(value) : [value]));
    else if (field === DATA_TYPE) type = value;
    else if (field === FLOAT_DATA) floats.push(...float32(value));
    else if (field === RAW_DATA) raw = value;
    else if (field === DATA_LOCATION && value !== 0) throw new Error("its data lies in another file");
  }
  if (type !== FLOAT) throw new Error(`its data type is ${type}`);
  const values = raw ? float32(raw) : Float32Array.from(floats);
  const count = dims.reduce((product, size) => product * size, 1);
  if (count !== values.length) throw new Error(`it holds ${values.length} numbers, its shape is [${dims}]`);
  return { dims, values };
}

/** Little-endian float32, whatever the processor's order and wherever the bytes begin. */
function float32(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The fields of a protobuf message: numbers (varint), bytes (length-delimited, fixed32, fixed64). */
function* fields(bytes) {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const key = varint(reader);
    const field = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === 0) yield { field, value: varint(reader) };
    else if (kind === 1) yield { field, value: take(reader, 8) };
    else if (kind === 2) yield { field, value: take(reader, varint(reader)) };
    else if (kind === 5) yield { field, value: take(reader, 4) };
    else throw new Error("it is not a protobuf message");
  }
}

function* varints(bytes) {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) yield varint(reader);
}

function varint(reader) {
  let value = 0;
  for (let place = 1; place < 2 ** 63; place *= 128) {
    const [byte] = take(reader, 1);
    value += (byte % 128) * place;
    if (byte < 128) return value;
  }
  throw new Error("it holds a number that is too long");
}

function take(reader, count) {
  const end = reader.at + count;
  if (end > reader.bytes.length) throw new Error("it ends too early");
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

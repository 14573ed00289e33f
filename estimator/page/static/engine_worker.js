/**
 * Runs the network in a thread of its own, so that drawing goes on meanwhile.
 *
 * Takes {load: description of the engine, note} once, answers {ready: name of what runs it}; then
 * takes {id, picture, keepSize}, answers {id, picture, milliseconds}. Errors come as {id, error}.
 */

import { inputOf, pictureOf } from "./tensors.js";

// More threads than this gain little: parts of the network are too small to be shared.
const MOST_THREADS = 4;

let runtime, session, format, model, provider;

const absolute = (file) => new URL(file, self.location.href).href;

/** Whether there is a graphics processor that pages may use, and not one made of software. */
async function hasGraphicsProcessor() {
  const adapter = await self.navigator.gpu?.requestAdapter().catch(() => null);
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

async function start(name, files) {
  runtime = await import(absolute(files.script));
  runtime.env.logLevel = "error";
  runtime.env.wasm.wasmPaths = { mjs: absolute(files.loader), wasm: absolute(files.binary) };
  // Threads share memory, which browsers allow to pages served with certain headers only.
  const threads = self.crossOriginIsolated
    ? Math.min(self.navigator.hardwareConcurrency || 1, MOST_THREADS)
    : 1;
  runtime.env.wasm.numThreads = threads;
  session = await runtime.InferenceSession.create(model, { executionProviders: [name] });
  provider = name;
  // The first picture takes longer, since much is prepared then.
  const [height, width] = format.fine_size;
  await translated(new Float32Array(height * width * format.input_channels));
  return name === "webgpu" ? { name: "WebGPU" } : { name: "WASM", threads };
}

async function load({ engine, note, wanted }) {
  format = note.pair_format;
  const response = await fetch(absolute(engine.model));
  if (!response.ok) throw new Error(`${engine.model}: ${response.status} ${response.statusText}`);
  model = await response.arrayBuffer();
  const onGraphics = wanted === "webgpu" || (wanted === null && (await hasGraphicsProcessor()));
  if (onGraphics) {
    try {
      return await start("webgpu", engine.runtime.webgpu);
    } catch (error) {
      if (wanted === "webgpu") throw error;
    }
  }
  return start("wasm", engine.runtime.wasm);
}

async function translated(x) {
  const [height, width] = format.fine_size;
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const tensor = new runtime.Tensor("float32", x, [1, height, width, format.input_channels]);
  const results = await session.run({ [input]: tensor });
  const y = await results[output].getData();
  results[output].dispose();
  return y;
}

async function translate({ picture, keepSize }) {
  const begun = performance.now();
  const x = inputOf(picture, format);
  // A copy: the network's run may take the array's memory over.
  const y = await translated(x.slice());
  const original = keepSize ? [picture.height, picture.width] : null;
  const result = pictureOf(x, y, format, original);
  return { picture: result, milliseconds: performance.now() - begun };
}

// One after the other: a session runs one picture at a time.
let last = Promise.resolve();

self.onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      if (data.load) self.postMessage({ id: data.id, ready: await load(data.load) });
      else self.postMessage({ id: data.id, ...(await translate(data)) });
    } catch (error) {
      self.postMessage({ id: data.id, error: String(error?.message ?? error) });
    }
  });
};

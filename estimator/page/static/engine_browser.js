/** The network in the browser itself, by ONNX Runtime Web in a worker. */

/**
 * Loads the network.
 * @param {object} description What page.json holds.
 * @returns {Promise<{ready: object, translate: function}>} `ready` says what runs it;
 *     `translate({pixels}, keepSize)` resolves to {picture, milliseconds}.
 */
export async function startInBrowser(description) {
  const worker = new Worker(new URL("./engine_worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let count = 0;

  const ask = (message) =>
    new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve, reject });
      worker.postMessage({ ...message, id: count });
    });

  worker.onmessage = ({ data }) => {
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) resolve(data);
    else reject(new Error(data.error));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(event.message || "the worker cannot be started");
    waiting.forEach(({ reject }) => reject(error));
    waiting.clear();
  };

  const wanted = new URLSearchParams(window.location.search).get("engine");
  const { engine, note } = description;
  const { ready } = await ask({ load: { engine, note, wanted } });
  return {
    ready,
    async translate({ pixels }, keepSize) {
      // A copy of its own: the drawing goes on while it is translated.
      const picture = { data: pixels.data.slice(), width: pixels.width, height: pixels.height };
      const { picture: result, milliseconds } = await ask({ picture, keepSize });
      return { picture: new ImageData(result.data, result.width, result.height), milliseconds };
    },
  };
}

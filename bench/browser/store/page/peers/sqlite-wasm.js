/**
 * SQLite's own build with opfs-sahpool, in a worker, since its files can be had only there. A write is flushed to the
 * disk when it resolves; there is no relaxed one. One tab at a time may have it.
 */

export async function open(name) {
  const worker = new Worker(new URL("./sqlite-wasm-worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let next = 0;
  worker.onmessage = ({ data: { call, answer, error } }) => {
    const { resolve, reject } = waiting.get(call);
    waiting.delete(call);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  };
  const call = (method, ...values) => new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message));
    waiting.set((next += 1), { resolve, reject });
    worker.postMessage({ call: next, method, values });
  });
  await call("open", name);
  return {
    put: (document) => call("put", document),
    bulk: (documents) => call("bulk", documents),
    get: (id) => call("get", id),
    query: (owner, priority) => call("query", owner, priority),
    async close() {
      await call("close");
      worker.terminate();
    },
  };
}

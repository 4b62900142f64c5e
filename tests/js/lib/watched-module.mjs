/** Watches the WebAssembly module that the package loads in this process: calls into it, and its memory. */

const instantiate = WebAssembly.instantiate;

/**
 * What `watch` gives stands for the export of that name from then on; the others are as they are. To be called before
 * the package loads the module. Gives the exports once it has.
 */
export function watchModule(name, watch) {
  const seen = { exports: null };
  WebAssembly.instantiate = async (...args) => {
    const made = await instantiate(...args);
    const { exports } = made.instance ?? made;
    if (!(name in exports)) return made;
    WebAssembly.instantiate = instantiate;
    seen.exports = exports;
    const instance = { exports: { ...exports, [name]: watch(exports[name]) } };
    return made.instance === undefined ? instance : { ...made, instance };
  };
  return seen;
}

// Brings the glue and its wasm together. Nothing is fetched here: whoever calls gives the bytes.

/** @param glue the module that wasm-bindgen wrote */
export function loader(glue) {
  const imports = { './mailproof_bg.js': glue };
  let ready = false;

  const start = (instance) => {
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    ready = true;
  };

  const loaded = () => {
    if (!ready) throw new Error('mailproof: call `await init(…)` first');
    return glue;
  };

  return {
    async init(source) {
      let given = await source;
      if (ready) return;
      if (typeof Response === 'function' && given instanceof Response) {
        if (!given.ok) throw new Error(`mailproof: ${given.url}: HTTP status ${given.status}`);
        given = await given.arrayBuffer();
      }
      const module = given instanceof WebAssembly.Module ? given : await WebAssembly.compile(given);
      const instance = await WebAssembly.instantiate(module, imports);
      if (!ready) start(instance);
    },

    initSync(source) {
      if (ready) return;
      const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
      start(new WebAssembly.Instance(module, imports));
    },

    /** What a function of the glue answers, read from JSON. */
    call(name, ...given) {
      return JSON.parse(loaded()[name](...given));
    },

    /** An object of a class of the glue. */
    made(name, ...given) {
      return new (loaded()[name])(...given);
    },
  };
}

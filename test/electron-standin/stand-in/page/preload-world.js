/**
 * Runs in the isolated world of a new document: the little of Electron that a sandboxed preload has, then the preload.
 * The marked comments are replaced by code when this text is sent to the browser.
 */
(() => {
  if (window.top !== window) return;
  /* encodeWire */
  /* decodeWire */
  const toMain = (message) => globalThis.__standIn(JSON.stringify(message));
  const notModelled = (name, part) =>
    new Proxy(part, {
      get(target, key) {
        if (typeof key === 'symbol' || key in target) return target[key];
        throw new Error(`The Electron stand-in does not model ${name}.${key}.`);
      },
    });

  /* ---------- questions to main ---------- */
  const waiting = new Map();
  const files = new Map();
  globalThis.__standInFiles = files;
  let nextId = 1;
  const ask = (message, id = nextId++) =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      toMain({ ...message, id });
    });

  /* ---------- ports ---------- */
  const ports = new Map();
  const openPort = (endpoint) => {
    const { port1, port2 } = new MessageChannel();
    ports.set(endpoint, port1);
    port1.addEventListener('message', ({ data }) =>
      toMain({ kind: 'port', endpoint, data: encodeWire(data) }),
    );
    port1.addEventListener('close', () => {
      if (ports.delete(endpoint)) toMain({ kind: 'port-closed', endpoint });
    });
    port1.start();
    return port2;
  };

  /* ---------- what main says ---------- */
  const listeners = new Map();
  globalThis.__standInReceive = (text) => {
    const message = JSON.parse(text);
    if (message.kind === 'event') {
      const { ports: detail } = message;
      if (detail.length > 0) window.dispatchEvent(new CustomEvent('__standInPorts', { detail }));
      const event = { ports: message.ports.map(openPort) };
      for (const listener of listeners.get(message.channel) ?? [])
        listener(event, ...decodeWire(message.given));
    } else if (message.kind === 'port') {
      ports.get(message.endpoint)?.postMessage(decodeWire(message.data));
    } else if (message.kind === 'port-closed') {
      const port = ports.get(message.endpoint);
      ports.delete(message.endpoint);
      port?.close();
      window.dispatchEvent(new CustomEvent('__standInPortClosed', { detail: message.endpoint }));
    } else {
      const question = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'answer') question.resolve(decodeWire(message.value));
      else question.reject(new Error(message.message));
    }
  };

  /* ---------- the module `electron` ---------- */
  const apis = new Map();
  const paths = new WeakMap();
  const electron = notModelled('electron', {
    ipcRenderer: notModelled('ipcRenderer', {
      on(channel, listener) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
      send: (channel, ...given) => toMain({ kind: 'send', channel, given: encodeWire(given) }),
      async invoke(channel, ...given) {
        try {
          return await ask({ kind: 'invoke', channel, given: encodeWire(given) });
        } catch (error) {
          throw new Error(`Error invoking remote method '${channel}': Error: ${error.message}`, {
            cause: error,
          });
        }
      },
    }),
    contextBridge: notModelled('contextBridge', {
      exposeInMainWorld(key, api) {
        if (apis.has(key)) throw new Error(`Cannot bind an API on top of an existing property ${key}`);
        for (const [name, member] of Object.entries(api)) {
          if (typeof member !== 'function')
            throw new Error(`The stand-in exposes functions only, not ${name}.`);
        }
        apis.set(key, api);
        const detail = { key, methods: Object.keys(api) };
        window.dispatchEvent(new CustomEvent('__standInExpose', { detail }));
      },
    }),
    webUtils: notModelled('webUtils', { getPathForFile: (file) => paths.get(file) ?? '' }),
  });

  const onCall = async ({ call, key, method, given }) => {
    const answer = (detail) => window.dispatchEvent(new CustomEvent(`__standInAnswer${call}`, { detail }));
    try {
      // getPathForFile is synchronous, the debugger is not: where files lie is found out beforehand.
      for (const value of given) {
        if (!(value instanceof File)) continue;
        const id = nextId++;
        files.set(id, value);
        paths.set(value, await ask({ kind: 'path-of-file' }, id));
        files.delete(id);
      }
      answer({ value: await apis.get(key)[method](...given) });
    } catch (error) {
      answer({ failed: error.message });
    }
  };
  window.addEventListener('__standInCall', ({ detail }) => void onCall(detail));

  toMain({ kind: 'document', url: window.location.href });
  const module = { exports: {} };
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error(`A sandboxed preload cannot require '${name}'.`);
  };
  // oxlint-disable-next-line no-unused-vars -- they are for the preload
  ((exports, require, module) => {
    /* preload */
  })(module.exports, require, module);
})();

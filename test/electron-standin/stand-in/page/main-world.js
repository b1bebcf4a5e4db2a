/** Runs in the page's own world before its scripts: what contextBridge exposes appears here, and cannot be changed. */
(() => {
  if (window.top !== window) return;
  let nextCall = 1;

  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI}`);
  });

  // Electron adds to the web's MessagePort that it hears of its other end's close. Ports come in the order in which they were told.
  const toCome = [];
  const ports = new Map();
  window.addEventListener('__standInPorts', ({ detail }) => toCome.push(...detail));
  window.addEventListener(
    'message',
    (event) => {
      for (const port of event.ports) ports.set(toCome.shift(), port);
    },
    { capture: true },
  );
  window.addEventListener('__standInPortClosed', ({ detail }) => {
    ports.get(detail)?.dispatchEvent(new Event('close'));
    ports.delete(detail);
  });

  // Events are dispatched synchronously and their details are copied between the worlds.
  window.addEventListener('__standInExpose', (event) => {
    const { key, methods } = event.detail;
    const exposed = {};
    for (const method of methods) {
      exposed[method] = (...given) =>
        new Promise((resolve, reject) => {
          const call = nextCall++;
          window.addEventListener(
            `__standInAnswer${call}`,
            ({ detail }) =>
              detail.failed === undefined ? resolve(detail.value) : reject(new Error(detail.failed)),
            { once: true },
          );
          window.dispatchEvent(new CustomEvent('__standInCall', { detail: { call, key, method, given } }));
        });
    }
    Object.defineProperty(window, key, { value: Object.freeze(exposed), enumerable: true });
  });
})();

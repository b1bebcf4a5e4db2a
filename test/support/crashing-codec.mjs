// For NODE_OPTIONS=--import: sharp's native build loads, and takes its process down when it decodes, as under Electron's GTK.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const nativeBuild = /^@img\/sharp-(?!wasm32)[a-z0-9]+-[a-z0-9]+\/sharp\.node$/;
const crashing = new URL('./crashing-sharp.cjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (!nativeBuild.test(specifier)) return next(specifier, context);
    globalThis.nativeSharp = fileURLToPath(next(specifier, context).url);
    return { url: crashing, format: 'commonjs', shortCircuit: true };
  },
});

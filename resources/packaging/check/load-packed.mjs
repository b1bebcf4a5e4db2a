/**
 * Loads what the bundles load, from the packed files alone, and lets each native module work once. Run in the folder of the
 * unpacked archive by this machine's own Node; arguments: a model, then the specifiers.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [model, ...specifiers] = process.argv.slice(2);
const from = createRequire(join(process.cwd(), 'package.json'));
// As the bundles do: by the conditions of `import`, from where they lie.
const load = (name) =>
  import(import.meta.resolve(name, pathToFileURL(join(process.cwd(), 'out/main/main.js'))));

for (const name of specifiers) {
  if (/\.(ttf|wasm)$|\/decodewasm$/.test(name)) from.resolve(name);
  else await load(name);
}

const { default: sharp } = await load('sharp');
const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
const { default: jpeg } = await load('@julusian/jpeg-turbo');
const made = jpeg.compressSync(Buffer.alloc(8 * 8 * 3), {
  format: jpeg.FORMAT_RGB,
  width: 8,
  height: 8,
});
const { default: Database } = await load('better-sqlite3');
const database = new Database(':memory:');
const { one } = database.prepare('select 1 as one').get();
database.close();
const { default: koffi } = await load('koffi');
const ort = await load('onnxruntime-node');
const session = await ort.InferenceSession.create(model);

const works = png.length > 0 && made.length > 0 && one === 1 && koffi.sizeof('int') === 4;
if (!works || session.inputNames.length === 0) throw new Error('A native module gives no result');
process.stdout.write(`${specifiers.length}`);

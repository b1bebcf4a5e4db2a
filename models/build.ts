/** Writes the built-in models: `npm run models`. A folder each, with the ONNX files, gigatile.json and MODEL-CARD.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { modelManifestSchema } from '../src-main/contract/model.ts';
import { modelCard } from './builder/card.ts';
import { catalog, type CatalogEntry } from './builder/catalog.ts';

/** Text in the form that the project's format check wants. */
async function formatted(text: string, name: string): Promise<Uint8Array> {
  const config = await resolveConfig(fileURLToPath(import.meta.url));
  return new TextEncoder().encode(await format(text, { ...config, filepath: name }));
}

/** Every file of a model's folder, by name. */
export async function modelFiles(entry: CatalogEntry): Promise<Map<string, Uint8Array>> {
  const manifest = modelManifestSchema.parse(entry.manifest);
  const files = new Map<string, Uint8Array>();
  manifest.files.forEach(({ file }, i) => {
    const build = entry.build[i];
    if (build === undefined) throw new RangeError(`${manifest.id}: nothing builds ${file}`);
    files.set(file, build());
  });
  files.set('gigatile.json', await formatted(JSON.stringify(manifest), 'gigatile.json'));
  files.set('MODEL-CARD.md', await formatted(modelCard(entry), 'MODEL-CARD.md'));
  return files;
}

export async function writeModels(into: string): Promise<string[]> {
  const written: string[] = [];
  for (const entry of catalog) {
    const folder = join(into, entry.manifest.id);
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of await modelFiles(entry)) {
      await writeFile(join(folder, name), bytes);
      written.push(join(folder, name));
    }
  }
  return written;
}

if (import.meta.main) {
  for (const path of await writeModels(fileURLToPath(new URL('.', import.meta.url)))) console.log(path);
}

/** Writes gigatile.schema.json, the published form of gigatile.json: `node models/schema.ts`. Editors complete and check by it. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { modelManifestSchema } from '../src-main/contract/model.ts';

export const schemaPath = fileURLToPath(new URL('gigatile.schema.json', import.meta.url));

/** JSON Schema (draft 2020-12). What it cannot say, fields that contradict each other, is checked when a model is read. */
export async function manifestJsonSchema(): Promise<string> {
  const schema = {
    ...z.toJSONSchema(modelManifestSchema, { io: 'input' }),
    title: 'gigatile.json',
    description: 'What an ONNX model takes and gives, in a file beside it.',
  };
  const config = await resolveConfig(schemaPath);
  return format(JSON.stringify(schema), { ...config, filepath: schemaPath });
}

if (import.meta.main) {
  await writeFile(schemaPath, await manifestJsonSchema());
  console.log(schemaPath);
}

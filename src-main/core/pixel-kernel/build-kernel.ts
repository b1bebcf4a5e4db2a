/**
 * Compiles pixel-kernel.wat into pixel-kernel-code.ts: `npm run kernel`. Both are kept, so that nobody who builds or runs
 * Gigatile needs the compiler; a test compares them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';

const folder = import.meta.dirname;

/** The source of pixel-kernel-code.ts. */
export async function kernelCode(): Promise<string> {
  const name = 'pixel-kernel.wat';
  const module = (await wabt()).parseWat(name, readFileSync(join(folder, name), 'utf8'), {
    simd: true,
    bulk_memory: true,
  });
  const { buffer } = module.toBinary({});
  const lines =
    Buffer.from(buffer)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '/** Compiled from pixel-kernel.wat by build-kernel.ts; base64. Do not edit. */',
    'export const pixelKernelCode =',
    ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? ';' : ' +'}`),
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(folder, 'pixel-kernel-code.ts'), await kernelCode());
}

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GigatileError } from '../../../../src-main/contract/errors.ts';
import {
  checkOnnx,
  runtimeLimits,
  type ExternalFile,
} from '../../../../src-main/models/onnx-file/check-onnx.ts';
import { readOnnx } from '../../../../src-main/models/onnx-file/read-onnx.ts';
import { branch, constant, externalTensor, writeOnnx, type OnnxSpec } from '../../../support/onnx-file.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gigatile-check-'));
  folder = join(root, 'model');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

const check = (spec: OnnxSpec): Promise<ExternalFile[]> => checkOnnx(readOnnx(writeOnnx(folder, spec)));

async function refusal(spec: OnnxSpec): Promise<GigatileError> {
  return check(spec).then(
    () => {
      throw new Error('it was let through');
    },
    (error: unknown) => error as GigatileError,
  );
}

describe('what onnxruntime lacks', () => {
  test('operators of other domains are named', async () => {
    const node = ['Nms', 'Roi'].map((opType) => ({ opType, domain: 'mmdeploy' }));
    const error = await refusal({ graph: { node } });
    expect(error.code).toBe('model-invalid');
    expect(error.message).toContain('Nms, Roi of the domain "mmdeploy"');
  });

  test('an import of a domain of which nothing is used is harmless, as are operators that the file brings along', async () => {
    const opsets = [
      { domain: '', version: 17 },
      { domain: 'pkg.onnxscript.torch_lib', version: 1 },
    ];
    const functions = [{ name: 'f', domain: 'pkg.onnxscript.torch_lib', node: [{ opType: 'Relu' }] }];
    const graph = { node: [{ opType: 'f', domain: 'pkg.onnxscript.torch_lib' }] };
    expect(await check({ opsets, functions, graph })).toEqual([]);
  });

  test('newer versions are named, the newest that is known is taken', async () => {
    const newest = runtimeLimits.opsets[''];
    expect(
      await check({ opsets: [{ domain: '', version: newest }], irVersion: runtimeLimits.irVersion }),
    ).toEqual([]);
    expect((await refusal({ opsets: [{ domain: 'ai.onnx', version: newest + 1 }] })).message).toContain(
      `operator set ${newest + 1}`,
    );
    expect((await refusal({ irVersion: runtimeLimits.irVersion + 1 })).message).toContain('format version');
  });
});

describe('external data', () => {
  const external = (location: string, extra: Record<string, string> = {}): OnnxSpec => ({
    graph: { initializer: [externalTensor({ location, ...extra })] },
  });

  test('beside the model', async () => {
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(24));
    const [file] = await check(external('w.bin', { offset: '8', length: '16' }));
    expect(file).toMatchObject({ location: 'w.bin', needed: 24 });
    mkdirSync(join(folder, 'weights'));
    writeFileSync(join(folder, 'weights/w.bin'), new Uint8Array(16));
    expect(await check(external('weights/w.bin'))).toHaveLength(1);
  });

  test.each(['/etc/passwd', '../w.bin', 'a/../../w.bin', 'C:\\w.bin', 'c:w.bin', '..\\w.bin', '', 'w\0.bin'])(
    'outside: %j',
    async (location) => {
      writeFileSync(join(root, 'w.bin'), new Uint8Array(100));
      const error = await refusal(external(location));
      expect(error.code).toBe('model-invalid');
      expect(error.message).toMatch(/outside its own folder/);
    },
  );

  test('links that lead outside', async () => {
    writeFileSync(join(root, 'w.bin'), new Uint8Array(100));
    symlinkSync(join(root, 'w.bin'), join(folder, 'w.bin'));
    expect((await refusal(external('w.bin'))).message).toMatch(/outside its own folder/);
    symlinkSync(root, join(folder, 'up'));
    expect((await refusal(external('up/w.bin'))).message).toMatch(/outside its own folder/);
  });

  test('missing, and cut off', async () => {
    expect((await refusal(external('w.bin'))).message).toMatch(/"w\.bin", which is not there/);
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(15));
    expect((await refusal(external('w.bin'))).message).toMatch(/cut off: it has 15 bytes of at least 16/);
  });

  test('in an attribute of a node in a branch', async () => {
    const inner = {
      node: [{ opType: 'Constant', attribute: [constant(externalTensor({ location: '../w.bin' }))] }],
    };
    const error = await refusal({ graph: { node: [{ opType: 'If', attribute: [branch(inner)] }] } });
    expect(error.message).toMatch(/outside its own folder/);
  });
});

/** Nothing leaves the machine: ONNX Runtime's builds keep and send reports of their use, unless they are told not to. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gigatile-telemetry-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node with a home of its own and nothing else of this environment; the names of all files in it afterwards. */
function filesAfter(home: string, args: string[]): string[] {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CACHE_HOME: join(home, '.cache'),
    GIGATILE_DATA_DIR: join(home, 'data'),
  };
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return readdirSync(home, { recursive: true, encoding: 'utf8' });
}

const ofTelemetry = (names: readonly string[]): string[] =>
  names.filter((name) => name.includes('DeveloperTools'));

it.runIf(process.platform === 'linux')(
  'a run makes ONNX Runtime keep no reports of its use, as it would by itself',
  (test) => {
    const model = resolve('models/he-nuclei/he-nuclei.onnx');
    const alone = mkdtempSync(join(folder, 'alone-'));
    const code = `import('onnxruntime-node').then(async ({ InferenceSession }) => { await InferenceSession.create(${JSON.stringify(model)}); })`;
    if (ofTelemetry(filesAfter(alone, ['-e', code])).length === 0) {
      return test.skip('ONNX Runtime keeps no reports on this machine, whatever it is told');
    }

    const home = mkdtempSync(join(folder, 'run-'));
    const image = join(home, 'tissue.png');
    writeFileSync(image, tissuePicture(600, 500, 60).png);
    const options = [
      '--model',
      'he-nuclei',
      '--mpp',
      '0.5',
      '--workers',
      '1',
      '--case',
      join(home, 'a.gigatile'),
    ];
    const files = filesAfter(home, [resolve('src-main/cli/main.ts'), 'analyze', image, ...options]);
    expect(files).toContain('a.gigatile');
    expect(ofTelemetry(files)).toEqual([]);
  },
);

/** What works on this machine, and what to do about the rest. */
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DoctorCheck } from '../contract/api.ts';
import { formatError, toPlainError } from '../contract/errors.ts';
import { readLimits } from '../core/limits.ts';
import type { CodecVerdict } from '../core/worker-host.ts';
import { listModels } from '../models/find-models.ts';
import { CaseFile } from '../store/case-file.ts';
import type { ImageService } from './image-service.ts';
import { Execution } from './execution.ts';
import type { EngineOptions } from './shell.ts';

const lowDiskBytes = 2e9;

async function check(name: string, hint: string, look: () => string | Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, ok: true, detail: await look(), hint: null };
  } catch (error) {
    const plain = toPlainError(error);
    return { name, ok: false, detail: formatError({ ...plain, hint: undefined }), hint: plain.hint ?? hint };
  }
}

/** Writes, syncs and reads a real case where cases are kept: the only proof that a disk does what is needed. */
function tryCase(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, `.doctor-${process.pid}.gigatile`);
  try {
    const file = CaseFile.open(path, 'create');
    file.transaction(() => file.events.append(null, 'doctor'));
    const { durability, place, fileSystem } = file.facts();
    file.close();
    const safeMode =
      place === 'network'
        ? ` The data folder lies on a network share (${fileSystem}): safe, slower, and one program at a time.`
        : '';
    return `a case can be written and synced (${durability}).${safeMode}`;
  } finally {
    rmSync(path, { force: true });
  }
}

function tryDisk(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const probe = join(dataDir, `.doctor-${process.pid}`);
  writeFileSync(probe, '');
  rmSync(probe);
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const text = `${(free / 1e9).toFixed(1)} GB free`;
  if (free < lowDiskBytes) throw new Error(`only ${text}`);
  return text;
}

/** What damaged and hostile images may cost, see docs/limits.md. */
function limitsInForce(): string {
  const { maxPixels, imageWorkerBytes, inferenceWorkerBytes } = readLimits(process.env);
  const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
  return `tiles of ${maxPixels} pixels, image workers of ${megabytes(imageWorkerBytes)}, inference workers of ${megabytes(inferenceWorkerBytes)}`;
}

/** The processor must do; the others are here or not. */
async function providers(execution: Execution): Promise<DoctorCheck[]> {
  try {
    const found = await execution.probeAll();
    return found.map(({ provider, problem, ms, cpuMs }) => {
      const hint = 'Install Gigatile again: ONNX Runtime cannot be loaded here.';
      const isProcessor = provider === 'cpu';
      if (problem !== null) {
        return {
          name: isProcessor ? 'inference' : `provider ${provider}`,
          ok: !isProcessor,
          detail: `not usable here: ${problem}`,
          hint: isProcessor ? hint : null,
        };
      }
      const speed = `${(ms ?? 0).toFixed(1)} ms a tile`;
      return isProcessor
        ? { name: 'inference', ok: true, detail: `ONNX Runtime on cpu, ${speed} on one thread`, hint: null }
        : {
            name: `provider ${provider}`,
            ok: true,
            detail: `${speed}, ${((cpuMs ?? 0) / (ms ?? 1)).toFixed(1)} times one thread of the processor; same results`,
            hint: null,
          };
    });
  } catch (error) {
    const plain = toPlainError(error);
    const hint = plain.hint ?? 'Install Gigatile again.';
    return [{ name: 'inference', ok: false, detail: plain.message, hint }];
  }
}

/** Inside of Electron on Linux libvips' native build may crash, which only a process that is thrown away can tell. */
async function codecBuild(test: () => Promise<CodecVerdict>): Promise<DoctorCheck> {
  const name = 'image codecs';
  try {
    const { build, problem, works } = await test();
    if (!works) {
      const hint =
        'Use the command line, or `gigatile serve`, on this machine: there no window stands in its way.';
      return { name, ok: false, detail: `libvips does not work inside of Electron here: ${problem}`, hint };
    }
    const detail =
      build === 'native'
        ? 'the native build of libvips decodes test pictures as it should'
        : `the WebAssembly build of libvips is used, which is slower${problem === null ? '' : `: of the native one, ${problem}`}`;
    return { name, ok: true, detail, hint: null };
  } catch (error) {
    return { name, ok: false, detail: toPlainError(error).message, hint: 'Start Gigatile again.' };
  }
}

export async function doctor(options: EngineOptions, images: ImageService): Promise<DoctorCheck[]> {
  const checks = [
    await check('node', '', () => `${process.versions.node}, ${availableParallelism()} cores`),
    await check('data folder', 'Make room, or point GIGATILE_DATA_DIR to a folder on another disk.', () =>
      tryDisk(options.dataDir),
    ),
    await check('case file', 'Keep cases on a local disk that you may write to.', () =>
      tryCase(options.dataDir),
    ),
  ];
  checks.push(await check('sandbox', '', () => options.host.sandbox ?? 'workers have a network'));
  checks.push(await check('limits', 'See docs/limits.md.', limitsInForce));
  const { host } = options;
  if (host.testCodecs !== undefined) checks.push(await codecBuild(() => host.testCodecs!()));
  try {
    for (const codec of await images.doctor()) {
      checks.push({
        ...codec,
        name: `codec ${codec.name}`,
        hint: codec.ok ? null : 'Install Gigatile again: this part of it cannot be loaded here.',
      });
    }
  } catch (error) {
    const plain = toPlainError(error);
    checks.push({
      name: 'image worker',
      ok: false,
      detail: plain.message,
      hint: plain.hint ?? 'Install Gigatile again.',
    });
  }
  checks.push(
    await check('models', 'Install Gigatile again.', async () =>
      (await listModels(options.modelsDir)).map(({ card }) => card.manifest.id).join(', '),
    ),
  );
  const execution = new Execution(options);
  checks.push(
    await check('measurements', 'Nothing is lost: the next run measures again and writes it anew.', () =>
      execution.remembered(),
    ),
    ...(await providers(execution)),
  );
  return checks;
}

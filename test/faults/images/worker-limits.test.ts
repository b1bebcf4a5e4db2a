/** Workers that hang, die or use up memory over one image: a clear error for that one, nothing for the others. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLimits } from '../../../src-main/core/limits.ts';
import type { WorkerHost, WorkerProcess } from '../../../src-main/core/worker-host.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { ImageService } from '../../../src-main/engine/image-service.ts';
import { gigatile } from '../../support/cli.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function image(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, tissuePicture(700, 600).png);
  return path;
}

/** A real process that does to some images what a decoder in trouble does; it answers for all others. */
const troubled = join(folder, 'troubled.mjs');
writeFileSync(
  troubled,
  `
  const info = { name: 'x' };
  process.on('message', (request) => {
    const path = request.path ?? '';
    if (path.includes('hangs')) for (;;) ;
    if (path.includes('dies')) process.kill(process.pid, 'SIGSEGV');
    if (path.includes('hungry')) {
      const kept = [];
      // Blocks the loop, as a native decoder does: only somebody outside can notice.
      for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
    }
    const answer = () => process.send({ id: request.id, ok: true,
      value: { op: 'open', image: 1, info: { ...info, name: path }, fingerprint: 'f' } });
    if (path.includes('slow')) setTimeout(answer, 400); else answer();
  });
  process.once('disconnect', () => process.exit(0));
`,
);

class TroubledHost implements WorkerHost {
  forks = 0;

  fork<Out, In>(): WorkerProcess<Out, In> {
    this.forks++;
    const child = fork(troubled, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return {
      get pid() {
        return child.exitCode === null && child.signalCode === null ? child.pid : undefined;
      },
      post: (message) => void (child.connected && child.send(message as object)),
      onMessage: (listener) => void child.on('message', (message) => listener(message as In)),
      onExit: (listener) => void child.on('exit', (code, signal) => listener({ code, signal })),
      kill: () => void child.kill('SIGKILL'),
    };
  }
}

function service(limits: ConstructorParameters<typeof ImageService>[1]): {
  images: ImageService;
  host: TroubledHost;
} {
  const host = new TroubledHost();
  return { images: new ImageService(host, limits), host };
}

describe('one image in trouble among others', () => {
  it('hangs: is named and not asked again, the others are answered by another worker', async () => {
    const { images, host } = service({ openMs: 1500 });
    const hanging = images.open('/slides/hangs.svs');
    const others = [images.open('/slides/a.svs'), images.open('/slides/b.svs')];
    await expect(hanging).rejects.toMatchObject({ code: 'worker-timeout', where: 'hangs.svs' });
    expect((await Promise.all(others)).map(({ info }) => info.name)).toEqual([
      '/slides/a.svs',
      '/slides/b.svs',
    ]);
    expect(host.forks).toBe(2);
    images.close();
  });

  it('dies: is asked again once and named, the others are answered', async () => {
    const { images, host } = service({});
    const slow = images.open('/slides/slow.svs');
    const dying = images.open('/slides/dies.svs');
    await expect(dying).rejects.toMatchObject({ code: 'worker-crashed', where: 'dies.svs' });
    expect((await slow).info.name).toBe('/slides/slow.svs');
    expect(host.forks).toBeGreaterThanOrEqual(2);
    expect(host.forks).toBeLessThanOrEqual(3);
    images.close();
  });

  it.runIf(process.platform === 'linux')('uses up memory: is ended from outside and named', async () => {
    const { images } = service({ memoryBytes: 400 * 1024 * 1024 });
    await expect(images.open('/slides/hungry.svs')).rejects.toMatchObject({
      code: 'worker-memory',
      message: expect.stringMatching(/^The worker memory limit of 400 MB was reached/),
      where: 'hungry.svs',
    });
    expect((await images.open('/slides/a.svs')).info.name).toBe('/slides/a.svs');
    images.close();
  });
});

describe('the real worker', () => {
  it('above its limit: a clear error, and the application goes on', async () => {
    // Less than any worker needs with its codecs: every image is too much, as soon as somebody looks.
    const images = new ImageService(new ChildWorkerHost(), { memoryBytes: 30 * 1024 * 1024 });
    const path = image('any.png');
    const rect = { x: 0, y: 0, width: 700, height: 600 };
    const pictures = Array.from({ length: 400 }, () => images.render(path, rect, 700, 600));
    await expect(Promise.all(pictures)).rejects.toMatchObject({ code: 'worker-memory', where: 'any.png' });
    images.close();
  });

  it('GIGATILE_MAX_PIXELS refuses a larger image by name, on the command line', () => {
    const path = image('large.png');
    process.env['GIGATILE_MAX_FLAT_PIXELS'] = '300000';
    process.env['GIGATILE_MAX_PIXELS'] = '300000';
    try {
      const refused = gigatile(folder, ['info', path]);
      expect(refused.stderr).toMatch(/700 x 600 pixels.*large\.png/);
      expect(refused.code).toBe(2);
      process.env['GIGATILE_MAX_PIXELS'] = 'many';
      const wrong = gigatile(folder, ['info', path]);
      expect(wrong.stderr).toMatch(/GIGATILE_MAX_PIXELS=many is not a whole number/);
      expect(wrong.code).toBe(2);
    } finally {
      delete process.env['GIGATILE_MAX_PIXELS'];
      delete process.env['GIGATILE_MAX_FLAT_PIXELS'];
    }
  });

  it('reads limits in pixels and megabytes, with defaults', () => {
    expect(readLimits({})).toMatchObject({ maxPixels: 2 ** 28, imageWorkerBytes: 2 ** 31 });
    expect(readLimits({ GIGATILE_MAX_PIXELS: '1000000', GIGATILE_WORKER_MEMORY_MB: '512' })).toMatchObject({
      maxPixels: 1_000_000,
      imageWorkerBytes: 2 ** 29,
    });
    for (const wrong of ['-1', '1e9', '12', '3.5', 'x']) {
      expect(() => readLimits({ GIGATILE_MAX_PIXELS: wrong })).toThrow(/GIGATILE_MAX_PIXELS/);
    }
  });
});

import { expect, it } from 'vitest';
import type { WorkerHost, WorkerProcess } from '../../../src-main/core/worker-host.ts';
import type { ImageAnswer, ImageRequest } from '../../../src-main/core/worker-protocol.ts';
import { ImageService } from '../../../src-main/engine/image-service.ts';

it('an image that nobody looks at any more is closed as often as it was opened: the worker keeps nothing of it', async () => {
  const open = new Map<number, number>();
  const host: WorkerHost = {
    fork: (() => {
      let say: (answer: ImageAnswer) => void = () => undefined;
      const process: WorkerProcess<ImageRequest, ImageAnswer> = {
        pid: undefined,
        post: (request) => {
          if (request.op === 'open') {
            const image = request.path.length;
            open.set(image, (open.get(image) ?? 0) + 1);
            const value = { op: 'open', image, info: {}, fingerprint: 'f' } as never;
            queueMicrotask(() => say({ id: request.id, ok: true, value }));
          } else if (request.op === 'close') {
            open.set(request.image, (open.get(request.image) ?? 0) - 1);
            queueMicrotask(() => say({ id: request.id, ok: true, value: { op: 'none' } }));
          }
        },
        onMessage: (listener) => (say = listener),
        onExit: () => undefined,
        kill: () => undefined,
      };
      return process;
    }) as unknown as WorkerHost['fork'],
  };
  const images = new ImageService(host);
  await images.open('/a.svs');
  await images.open('/a.svs');
  images.forget('/a.svs');
  await images.open('/a.svs');
  await images.open('/other.svs');
  expect([...open.values()]).toEqual([2, 1]);
  images.release('/a.svs');
  await expect.poll(() => [...open.values()], { interval: 1 }).toEqual([0, 1]);
  images.release('/never-opened.svs');
  images.close();
});

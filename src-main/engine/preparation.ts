/** Large images without tiles: how far their pyramid is, for screens, and waiting for it, for runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../contract/errors.ts';
import type { PreparationView } from '../contract/preparation.ts';
import type { ImageService } from './image-service.ts';

const pollMs = 300;
/** Where nothing is going on but may begin again (after a cancel, by another screen). */
const restPollMs = 1000;

/** The present state at once, then each change, until it is ready or the screen goes; nothing where the image needs none. */
export async function* followPreparation(
  images: ImageService,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<PreparationView, void> {
  let last = '';
  for (;;) {
    const view = await images.preparation(path);
    if (view === null || signal?.aborted) return;
    const told = JSON.stringify(view);
    if (told !== last) yield view;
    last = told;
    if (view.state === 'ready') return;
    await sleep(view.state === 'working' ? pollMs : restPollMs, undefined, signal && { signal }).catch(
      () => undefined,
    );
    if (signal?.aborted) return;
  }
}

/**
 * Waits until the whole image can be read, and begins with it where nobody has.
 *
 * @param signal ends the waiting; the preparation goes on, because a screen may wait for it too
 * @throws {GigatileError} why it can't be prepared; cancelled
 */
export async function prepareImage(
  images: ImageService,
  path: string,
  onProgress: (fraction: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let view = await images.preparation(path, 'restart');
  while (view !== null && view.state !== 'ready') {
    if (signal?.aborted) throw new GigatileError('cancelled', 'Stopped by the person');
    if (view.state === 'failed' || view.state === 'cancelled') {
      throw view.error === null
        ? new GigatileError('cancelled', 'The preparation of the image was cancelled')
        : GigatileError.fromPlain(view.error);
    }
    onProgress(view.fraction);
    await sleep(pollMs);
    view = await images.preparation(path, 'look');
  }
}

/** Answers the generator's messages one by one; the first error ends the worker's use. */
import { toPlainError } from '../../contract/errors.ts';
import { TilePainter } from '../../samples/paint-tiles.ts';
import type { FromSampleWorker, ToSampleWorker } from '../../samples/sample-protocol.ts';
import type { WorkerPort } from '../port.ts';
import { makeTileEncoder } from './encode-tile.ts';

export function runSampleWorker(port: WorkerPort<ToSampleWorker, FromSampleWorker>): void {
  let painter: TilePainter | null = null;
  port.onMessage((message) => {
    try {
      if (message.kind === 'init') {
        painter = new TilePainter(message.spec, message.truth, makeTileEncoder());
        port.post({ kind: 'ready' });
        return;
      }
      if (!painter) throw new Error(`A message of kind ${message.kind} came before init`);
      port.post(
        message.kind === 'block'
          ? painter.block(message.column, message.row)
          : painter.encode({ ...message, pixels: message.pixels }),
      );
    } catch (error) {
      port.post({ kind: 'failed', error: toPlainError(error) });
    }
  });
}

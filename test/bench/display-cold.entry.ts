/** A process that has never seen the slide: opens it and makes display tiles of a list. Prints one JSON line, milliseconds. */
import { readFileSync } from 'node:fs';
import { openImage } from '../../src-main/images/open-image.ts';
import { createCodecs } from '../../src-main/workers/codecs/codecs.ts';
import type { TileRequest } from './tile-requests.ts';

const [path = '', requestsFile = ''] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as TileRequest[];
// The image worker is up before a person opens anything.
const codecs = await createCodecs();
const opening = performance.now();
const source = await openImage(path, codecs);
const opened = performance.now();
const latencies: number[] = [];
let firstMs = 0;
for (const [level, column, row] of requests) {
  const at = performance.now();
  const tile = await source.displayTile(level, column, row);
  if (tile === null) throw new Error(`no tile ${level}/${column}/${row}`);
  latencies.push(performance.now() - at);
  firstMs ||= performance.now() - opening;
}
const tilesMs = performance.now() - opened;
source.close();
console.log(JSON.stringify({ openMs: opened - opening, firstMs, tilesMs, latencies }));

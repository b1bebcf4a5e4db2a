/**
 * For positive controls, preloaded into a worker: it writes its results whoever the chunk belongs to by now. The product knows no such
 * switch.
 */
import { Client } from 'pg';
import { ChunkJobs } from '../../../../src-main/scale/queue/jobs.ts';

ChunkJobs.prototype.complete = () => Promise.resolve(true);
ChunkJobs.prototype.touch = () => Promise.resolve(true);

const careless = (text) =>
  text
    .replace('SELECT state FROM run', "SELECT 'open' AS state FROM run")
    .replace('WHERE run = $1 AND no = $2 AND done_at IS NULL', 'WHERE run = $1 AND no = $2')
    .replace(/^(INSERT INTO tile_result .*)$/s, '$1 ON CONFLICT (run, tile) DO NOTHING');

const original = Client.prototype['query'];
Client.prototype.query = function carelessly(first, ...rest) {
  const changed =
    typeof first === 'string'
      ? careless(first)
      : typeof first.text === 'string'
        ? Object.assign(first, { text: careless(first.text) })
        : first;
  return Reflect.apply(original, this, [changed, ...rest]);
};

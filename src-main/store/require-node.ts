/** better-sqlite3 13 crashes the process on Node 20: this module is imported before it and says so in words. */
import { GigatileError } from '../contract/errors.ts';

const major = Number(process.versions.node.split('.')[0]);
if (major < 22) {
  throw new GigatileError(
    'codec-missing',
    `Node ${process.versions.node} cannot load the case file's database`,
    {
      hint: 'Node 22 or newer is needed; npm scripts of this project find Node 24 by themselves.',
    },
  );
}

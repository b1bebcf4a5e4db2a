/** Makes the product believe that every folder is a network share: cases are then kept with a rollback journal. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const mountInfo = '20 1 0:20 / / rw - nfs4 server:/share rw\n';

export function pretendNetworkShare(): void {
  const original = fs.readFileSync;
  const read = (...args: Parameters<typeof original>): unknown =>
    args[0] === '/proc/self/mountinfo' ? mountInfo : original(...args);
  fs.readFileSync = read as typeof original;
  syncBuiltinESMExports();
}

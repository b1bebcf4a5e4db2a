/** For positive controls: an engine that goes on as if a failed write had been written. */
import { CaseFile } from '../../../src-main/store/case-file.ts';

export function beCareless(): void {
  const { prototype } = CaseFile;
  // eslint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const original = prototype.transaction;
  prototype.transaction = function transaction<T>(this: CaseFile, work: () => T): T {
    try {
      return original.call(this, work) as T;
    } catch {
      return undefined as T;
    }
  };
}

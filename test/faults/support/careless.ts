/** For positive controls: an engine that forgets what could not be written, and goes on. */
import { GroupCommit } from '../../../src-main/engine/group-commit.ts';

export function beCareless(): void {
  const { prototype } = GroupCommit;
  // eslint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const original = prototype.flush;
  prototype.flush = function flush(this: GroupCommit): void {
    try {
      original.call(this);
    } catch {
      this.drop();
    }
  };
}

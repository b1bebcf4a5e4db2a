/**
 * For positive controls: makes the database less safe than the product allows, behind its back. Only entry files of tests load this;
 * the product knows no such switch.
 */
import Database from 'better-sqlite3';

/** @param synchronous NORMAL or OFF in place of FULL; @param checkpointPages in place of 1000; undefined: as it is */
export function weaken(synchronous: string | undefined, checkpointPages: string | undefined): void {
  const { prototype } = Database as unknown as { prototype: Database.Database };
  // eslint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const original = prototype.pragma;
  prototype.pragma = function pragma(
    this: Database.Database,
    source: string,
    options?: Database.PragmaOptions,
  ) {
    const call = (text: string): unknown => original.call(this, text, options);
    if (synchronous !== undefined && /^synchronous\s*=/i.test(source))
      return call(`synchronous = ${synchronous}`);
    // The product reads it back and refuses what it did not ask for.
    if (synchronous !== undefined && source === 'synchronous') return 2;
    if (checkpointPages !== undefined && /^wal_autocheckpoint\s*=/i.test(source)) {
      return call(`wal_autocheckpoint = ${checkpointPages}`);
    }
    return call(source);
  };
}

/**
 * A case comes from anywhere. What its schema says is code: views and triggers are run, and a table can be something else than it
 * seems. So a case has exactly the schema that this program's own migrations make, word for word, or it is refused before anything
 * of it is used.
 */
import Database from 'better-sqlite3';
import { GigatileError } from '../contract/errors.ts';
import { migrations } from './migrations/index.ts';

type Db = Database.Database;

interface Part {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

const known = new Map<number, ReadonlyMap<string, string>>();

/** Written with other spaces, it is still the same. */
const worded = (sql: string | null): string => (sql ?? '').replaceAll(/\s+/g, ' ').trim();
const keyOf = ({ type, name, tbl_name: table }: Part): string => `${type} ${name} of ${table}`;

/** Reading the schema's own table runs nothing of it. SQLite's own tables (statistics, sequences) hold numbers only. */
function partsOf(db: Db): Map<string, string> {
  const parts = db
    .prepare(`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite@_%' ESCAPE '@'`)
    .all() as Part[];
  return new Map(parts.map((part) => [keyOf(part), worded(part.sql)]));
}

function expectedAt(version: number): ReadonlyMap<string, string> {
  const before = known.get(version);
  if (before !== undefined) return before;
  const db = new Database(':memory:');
  try {
    for (const migration of migrations) if (migration.version <= version) db.exec(migration.sql);
    const parts = partsOf(db);
    known.set(version, parts);
    return parts;
  } finally {
    db.close();
  }
}

/** @throws {GigatileError} case-not-a-case, naming the first part that is not as it must be */
export function assertOwnSchema(db: Db, version: number, path: string): void {
  const expected = expectedAt(version);
  const found = partsOf(db);
  for (const [part, sql] of found) {
    if (expected.get(part) === sql) continue;
    const how = expected.has(part) ? 'changed' : 'foreign';
    throw strange(path, `it has a ${how} ${part.split(' of ')[0]}`);
  }
  for (const part of expected.keys()) {
    if (!found.has(part)) throw strange(path, `it lacks the ${part.split(' of ')[0]}`);
  }
}

function strange(path: string, what: string): GigatileError {
  return new GigatileError('case-not-a-case', `This case was not made by Gigatile alone: ${what}`, {
    where: path,
    hint: 'It is not opened, since parts of a database can run by themselves. Ask whoever gave it to you for the original.',
  });
}

/** What reviewers drew on the case's image. */
import { annotationSchema } from '../contract/annotation.ts';
import type { Annotation, AnnotationView } from '../contract/annotation.ts';
import type { Db } from './open-database.ts';

interface Row {
  id: string;
  data: string;
  author: string;
  createdAt: string;
  changedAt: string;
}

export class AnnotationStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** In the order in which they were made. */
  list(): AnnotationView[] {
    const rows = this.#db
      .prepare(
        'SELECT id, data, author, created_at AS createdAt, changed_at AS changedAt FROM annotation ORDER BY created_at, id',
      )
      .all() as Row[];
    return rows.map(({ data, ...row }) => {
      const annotation = annotationSchema.parse({ ...(JSON.parse(data) as object), id: row.id });
      return { ...annotation, ...row };
    });
  }

  /** New ones, and those that changed; one that changes keeps who made it and when. */
  put({ id, ...data }: Annotation, author: string, at: string): void {
    this.#db
      .prepare(
        `INSERT INTO annotation (id, data, author, created_at, changed_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET data = excluded.data, changed_at = excluded.changed_at`,
      )
      .run(id, JSON.stringify(data), author, at, at);
  }

  remove(id: string): void {
    this.#db.prepare('DELETE FROM annotation WHERE id = ?').run(id);
  }
}

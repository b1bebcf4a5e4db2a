/** One layer in a GeoPackage: its table, its spatial index, its entries in the file's own tables. */
import type Database from 'better-sqlite3';
import { distinctNames } from '../distinct-names.ts';
import type { FlatPolygon } from '../outlines.ts';
import { encodePath, encodePolygons, type Bounds, type EncodedGeometry } from './geometry.ts';
import { indexTriggersSql } from './schema.ts';

export interface LayerDescription {
  name: string;
  description: string;
  srsId: number;
  /** GEOMETRY: of any kind. */
  geometry: 'POLYGON' | 'MULTIPOLYGON' | 'GEOMETRY';
  columns: readonly { name: string; type: 'TEXT' | 'INTEGER' | 'DOUBLE' | 'BOOLEAN' }[];
  /** ISO 8601: when the file was made. */
  at: string;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export class Layer {
  readonly #db: Database.Database;
  readonly #about: LayerDescription;
  readonly #insert: Database.Statement;
  readonly #index: Database.Statement;
  readonly #bounds: Bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  #count = 0;

  constructor(db: Database.Database, about: LayerDescription) {
    this.#db = db;
    this.#about = about;
    const { name, columns } = about;
    const names = distinctNames(
      columns.map((column) => column.name),
      ['fid', 'geom'],
    );
    const fields = columns.map(({ type }, i) => `, ${quoted(names[i] ?? '')} ${type}`).join('');
    db.exec(
      `CREATE TABLE ${quoted(name)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom ${about.geometry}${fields});
       CREATE VIRTUAL TABLE ${quoted(`rtree_${name}_geom`)} USING rtree(id, minx, maxx, miny, maxy);`,
    );
    const places = columns.map(() => ', ?').join('');
    this.#insert = db.prepare(`INSERT INTO ${quoted(name)} VALUES (?, ?${places})`);
    this.#index = db.prepare(`INSERT INTO ${quoted(`rtree_${name}_geom`)} VALUES (?, ?, ?, ?, ?)`);
  }

  get count(): number {
    return this.#count;
  }

  /** @param values in the order of the columns */
  add(polygons: readonly FlatPolygon[], values: readonly (string | number | null)[]): void {
    const { srsId, geometry } = this.#about;
    this.#put(encodePolygons(polygons, srsId, geometry === 'MULTIPOLYGON'), values);
  }

  /** A point or a line, in a layer of any kind. */
  addPath(path: readonly number[], values: readonly (string | number | null)[]): void {
    this.#put(encodePath(path, this.#about.srsId), values);
  }

  #put(
    { bytes, minX, minY, maxX, maxY }: EncodedGeometry,
    values: readonly (string | number | null)[],
  ): void {
    const fid = ++this.#count;
    this.#insert.run(fid, bytes, ...values);
    this.#index.run(fid, minX, maxX, minY, maxY);
    const all = this.#bounds;
    all.minX = Math.min(all.minX, minX);
    all.minY = Math.min(all.minY, minY);
    all.maxX = Math.max(all.maxX, maxX);
    all.maxY = Math.max(all.maxY, maxY);
  }

  /** Enters the layer in the file's tables; nothing is added afterwards. */
  finish(): void {
    const { name, description, srsId, geometry, at } = this.#about;
    const { minX, minY, maxX, maxY } = this.#bounds;
    const bounds = this.#count === 0 ? [null, null, null, null] : [minX, minY, maxX, maxY];
    this.#db
      .prepare(`INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(name, name, description, at, ...bounds, srsId);
    this.#db
      .prepare(`INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)`)
      .run(name, geometry, srsId);
    this.#db
      .prepare(
        `INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only')`,
      )
      .run(name);
    this.#db.exec(indexTriggersSql(name));
  }
}

/** Tables that every GeoPackage has: OGC 12-128r18 (version 1.3), annex C; its extensions for spatial indexes and metadata. */

/** "GPKG", and the version, in the file's head. */
export const gpkgApplicationId = 0x47504b47;
export const gpkgVersion = 10_300;

export const baseSql = `
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');

CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);

CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);

CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata (id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata (id)
);
INSERT INTO gpkg_extensions VALUES
  ('gpkg_metadata', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec130/#extension_metadata', 'read-write'),
  ('gpkg_metadata_reference', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec130/#extension_metadata', 'read-write');
`;

/** Keeps the index right where somebody edits the layer afterwards (extension gpkg_rtree_index, requirement 77). */
export const indexTriggersSql = (layer: string): string => {
  const index = `"rtree_${layer}_geom"`;
  const of = (row: 'NEW'): string =>
    `${row}.fid, ST_MinX(${row}.geom), ST_MaxX(${row}.geom), ST_MinY(${row}.geom), ST_MaxY(${row}.geom)`;
  const isThere = '(NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))';
  const isGone = '(NEW.geom IS NULL OR ST_IsEmpty(NEW.geom))';
  return `
CREATE TRIGGER "rtree_${layer}_geom_insert" AFTER INSERT ON "${layer}" WHEN ${isThere}
BEGIN INSERT OR REPLACE INTO ${index} VALUES (${of('NEW')}); END;
CREATE TRIGGER "rtree_${layer}_geom_update1" AFTER UPDATE OF geom ON "${layer}" WHEN OLD.fid = NEW.fid AND ${isThere}
BEGIN INSERT OR REPLACE INTO ${index} VALUES (${of('NEW')}); END;
CREATE TRIGGER "rtree_${layer}_geom_update2" AFTER UPDATE OF geom ON "${layer}" WHEN OLD.fid = NEW.fid AND ${isGone}
BEGIN DELETE FROM ${index} WHERE id = OLD.fid; END;
CREATE TRIGGER "rtree_${layer}_geom_update3" AFTER UPDATE ON "${layer}" WHEN OLD.fid != NEW.fid AND ${isThere}
BEGIN DELETE FROM ${index} WHERE id = OLD.fid; INSERT OR REPLACE INTO ${index} VALUES (${of('NEW')}); END;
CREATE TRIGGER "rtree_${layer}_geom_update4" AFTER UPDATE ON "${layer}" WHEN OLD.fid != NEW.fid AND ${isGone}
BEGIN DELETE FROM ${index} WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER "rtree_${layer}_geom_delete" AFTER DELETE ON "${layer}" WHEN OLD.geom NOT NULL
BEGIN DELETE FROM ${index} WHERE id = OLD.fid; END;
`;
};

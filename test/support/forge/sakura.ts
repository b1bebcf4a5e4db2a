/**
 * A small Sakura slide: an SQLite file in which each tile of each colour is a grey JPEG of its own. Written from what OpenSlide's
 * reader expects of it.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { pictureAt } from './picture.ts';

const tileSize = 64;
const [width, height] = [300, 200];

/** 300 x 200 pixels of 0.25 µm, and a level of half and of a quarter; the tile in column 1, row 1 of the first is not there. */
export function forgeSakura(folder: string, name: string, codecs: Pick<Codecs, 'encodeJpeg'>): string {
  const path = join(folder, `${name}.svslide`);
  const database = new Database(path);
  // One transaction, not one a row.
  database.exec(`
    BEGIN;
    CREATE TABLE DataManagerSQLiteConfigXPO (TableName TEXT);
    CREATE TABLE Blobs (id TEXT, data BLOB);
    CREATE TABLE tile (PYRAMIDLEVEL INT, COLUMNINDEX INT, ROWINDEX INT, COLORINDEX INT, TILEID TEXT);
    CREATE TABLE SVSlideDataXPO (OID INTEGER, SlideId TEXT, Date TEXT, Description TEXT, Creator TEXT, DiagnosisCode TEXT,
      Keywords TEXT, m_labelScan INT, m_overviewScan INT);
    CREATE TABLE SVHRScanDataXPO (OID INTEGER, ParentSlide INT, ScanId TEXT, Date TEXT, Name TEXT, Description TEXT,
      ResolutionMmPerPix REAL, NominalLensMagnification REAL, FocussingMethod TEXT, ThumbnailImage BLOB);
    CREATE TABLE SVScannedImageDataXPO (OID INTEGER, Image BLOB);
    INSERT INTO DataManagerSQLiteConfigXPO VALUES ('Blobs');
    INSERT INTO SVSlideDataXPO VALUES (1, 'slide', '2014-01-02', '', 'forged', '', '', 1, 2);
  `);
  const picture = (x: number, w: number, h: number): Uint8Array =>
    codecs.encodeJpeg(pictureAt(x, x, w, h), 90);
  const blob = database.prepare('INSERT INTO Blobs VALUES (?, ?)');
  // Tile size, width, height, and from byte 16 on the number of focal planes.
  const head = Buffer.alloc(20);
  head.writeUInt32LE(1, 16);
  [tileSize, width, height].forEach((value, i) => head.writeUInt32LE(value, i * 4));
  blob.run('++MagicBytes', 'SVGigaPixelImage');
  blob.run('++VersionBytes', '1.0.0');
  blob.run('Header', head);
  database
    .prepare("INSERT INTO SVHRScanDataXPO VALUES (1, 1, 'scan', '', '', '', 0.00025, 40, 'none', ?)")
    .run(picture(0, 60, 40));
  const scanned = database.prepare('INSERT INTO SVScannedImageDataXPO VALUES (?, ?)');
  scanned.run(1, picture(500, 40, 40));
  scanned.run(2, picture(700, 80, 40));
  const tile = database.prepare('INSERT INTO tile VALUES (?, ?, ?, ?, ?)');
  for (const scale of [1, 2, 4]) {
    const step = tileSize * scale;
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        if (scale === 1 && x === tileSize && y === tileSize) continue;
        const { data } = pictureAt(x / scale, y / scale, tileSize, tileSize, scale);
        for (const colour of [0, 1, 2]) {
          const grey = Uint8Array.from({ length: tileSize * tileSize }, (_, i) => data[i * 3 + colour] ?? 0);
          const id = `T;${x}|${y};${scale};${colour};0`;
          const raster = { width: tileSize, height: tileSize, bands: 1, dtype: 'uint8', data: grey } as const;
          blob.run(id, codecs.encodeJpeg(raster, 92));
          tile.run(scale, x, y, colour, id);
        }
      }
    }
  }
  database.exec('COMMIT');
  database.close();
  return path;
}

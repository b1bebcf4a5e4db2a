/** GeoTIFF 1.1 (OGC 19-008r4) fields of a geo-reference, and GDAL's fields for no-data and band names. */
import type { Geo } from '../../contract/image.ts';
import { asciiField, fieldType, type Field } from './ifd.ts';

const modelPixelScale = 33550;
const modelTiepoint = 33922;
const modelTransformation = 34264;
const geoKeyDirectory = 34735;
const geoAsciiParams = 34737;
const gdalMetadata = 42112;
const gdalNoData = 42113;

const modelTypeProjected = 1;
const modelTypeGeographic = 2;
const rasterPixelIsArea = 1;

/** What a writer needs of a geo-reference. `geographic`: the CRS's axes are degrees. */
export interface GeoReference extends Pick<Geo, 'epsg' | 'crsName' | 'transform'> {
  geographic: boolean;
}

export function geoFields(geo: GeoReference): Field[] {
  const [x0, xColumn, xRow, y0, yColumn, yRow] = geo.transform;
  const fields: Field[] = [];
  if (xRow === 0 && yColumn === 0 && xColumn > 0 && yRow < 0) {
    fields.push(
      { tag: modelPixelScale, type: fieldType.double, values: [xColumn, -yRow, 0] },
      { tag: modelTiepoint, type: fieldType.double, values: [0, 0, 0, x0, y0, 0] },
    );
  } else {
    const matrix = [xColumn, xRow, 0, x0, yColumn, yRow, 0, y0, 0, 0, 0, 0, 0, 0, 0, 1];
    fields.push({ tag: modelTransformation, type: fieldType.double, values: matrix });
  }
  // Key id, location (0 = the value is here), count, value; ascending ids (GeoTIFF 1.1, 7.1).
  const keys: number[][] = [
    [1024, 0, 1, geo.geographic ? modelTypeGeographic : modelTypeProjected],
    [1025, 0, 1, rasterPixelIsArea],
  ];
  if (geo.crsName !== null) {
    const citation = `${geo.crsName.replaceAll('|', '/')}|`;
    keys.push([1026, geoAsciiParams, citation.length, 0]);
    fields.push(asciiField(geoAsciiParams, citation));
  }
  if (geo.epsg !== null) keys.push([geo.geographic ? 2048 : 3072, 0, 1, geo.epsg]);
  fields.push({
    tag: geoKeyDirectory,
    type: fieldType.short,
    values: [[1, 1, 1, keys.length], ...keys].flat(),
  });
  return fields;
}

export function noDataField(value: number): Field {
  return asciiField(gdalNoData, Number.isNaN(value) ? 'nan' : String(value));
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Names of the bands as GDAL and QGIS show them, and whatever else is to be known of the file, by name. */
export function gdalMetadataField(
  bandNames: readonly string[],
  metadata: Readonly<Record<string, string>>,
): Field {
  const items = [
    ...Object.entries(metadata).map(
      ([name, value]) => `<Item name="${escapeXml(name)}">${escapeXml(value)}</Item>`,
    ),
    ...bandNames.map(
      (name, i) => `<Item name="DESCRIPTION" sample="${i}" role="description">${escapeXml(name)}</Item>`,
    ),
  ];
  return asciiField(gdalMetadata, `<GDALMetadata>${items.join('')}</GDALMetadata>`);
}

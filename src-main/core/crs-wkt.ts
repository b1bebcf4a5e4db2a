/**
 * A coordinate system as WKT (OGC 01-009), for files that must hold one. The method and its parameters are left to PROJ: GDAL's
 * extension node carries its string, which GDAL and QGIS read in place of a named projection.
 */
import { projDefinition, type CoordinateSystem } from './geo.ts';

const ellipsoids: Readonly<Record<string, string>> = {
  WGS84: '"WGS 84",6378137,298.257223563',
  GRS80: '"GRS 1980",6378137,298.257222101',
  WGS72: '"WGS 72",6378135,298.26',
  airy: '"Airy 1830",6377563.396,299.3249646',
  bessel: '"Bessel 1841",6377397.155,299.1528128',
  clrk66: '"Clarke 1866",6378206.4,294.978698213898',
  clrk80: '"Clarke 1880",6378249.145,293.465',
  intl: '"International 1924",6378388,297',
  krass: '"Krassowsky 1940",6378245,298.3',
};

const datums: Readonly<Record<string, [name: string, ellipsoid: string]>> = {
  WGS84: ['WGS_1984', 'WGS84'],
  NAD83: ['North_American_Datum_1983', 'GRS80'],
};

/** The parameters of a PROJ string. */
function parametersOf(definition: string): Map<string, string> {
  return new Map(
    definition
      .split(/\s+/)
      .filter((part) => part.startsWith('+'))
      .map((part): [string, string] => {
        const [name = '', value = ''] = part.slice(1).split('=');
        return [name, value];
      }),
  );
}

function spheroid(parameters: ReadonlyMap<string, string>): string {
  const named = ellipsoids[parameters.get('ellps') ?? ''];
  if (named !== undefined) return named;
  const a = Number(parameters.get('a'));
  const b = parameters.get('b');
  const inverse =
    b === undefined ? Number(parameters.get('rf') ?? 0) : a === Number(b) ? 0 : a / (a - Number(b));
  return `"unnamed",${a},${inverse}`;
}

function geographic(name: string, parameters: ReadonlyMap<string, string>): string {
  const [datum, ellipsoid] = datums[parameters.get('datum') ?? ''] ?? ['unknown', null];
  const figure = ellipsoid === null ? spheroid(parameters) : (ellipsoids[ellipsoid] ?? '');
  return `GEOGCS["${name}",DATUM["${datum}",SPHEROID[${figure}]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]`;
}

/** Names stand in quotation marks, which WKT cannot escape. */
const quotable = (name: string): string => name.replaceAll('"', "'");

/** null where nothing but a code or a name is known. */
export function crsWkt(system: CoordinateSystem): string | null {
  const definition = projDefinition(system);
  if (definition === null) return null;
  const parameters = parametersOf(definition);
  const name = quotable(system.crsName ?? (system.epsg === null ? 'unnamed' : `EPSG:${system.epsg}`));
  const authority = system.epsg === null ? '' : `,AUTHORITY["EPSG","${system.epsg}"]`;
  if (parameters.get('proj') === 'longlat') return `${geographic(name, parameters)}${authority}]`;
  const metres = Number(parameters.get('to_meter') ?? 1);
  const unit = metres === 1 ? 'UNIT["metre",1]' : `UNIT["unnamed",${metres}]`;
  return `PROJCS["${name}",${geographic('unnamed', parameters)}],PROJECTION["custom_proj4"],${unit},EXTENSION["PROJ4","${definition}"]${authority}]`;
}

/** What the satellite sample holds, as GeoJSON (RFC 7946): class areas by square and of the whole scene, in WGS84. */
import proj4 from 'proj4';

/** Where the scene lies: WGS 84 / UTM zone 32N, pixels of 10 m, this corner at its top left. */
export const scene = {
  epsg: 32632,
  crsName: 'WGS 84 / UTM zone 32N',
  left: 600_000,
  top: 5_340_000,
  pixel: 10,
};

const utm32 = '+proj=utm +zone=32 +datum=WGS84 +units=m +no_defs';

/** The classes of the truth, in the order of their numbers. */
export const landClasses = ['no data', 'vegetation', 'water', 'bright', 'other'] as const;
export type LandClass = (typeof landClasses)[number];

function corner(x: number, y: number): string {
  const [longitude, latitude] = proj4<[number, number]>(utm32, 'WGS84', [
    scene.left + x * scene.pixel,
    scene.top - y * scene.pixel,
  ]);
  return `[${longitude.toFixed(7)},${latitude.toFixed(7)}]`;
}

/** A rectangle of the image (px) with the fraction of its pixels in each class. */
export function areaFeature(
  name: string,
  rect: { x: number; y: number; width: number; height: number },
  counts: Readonly<Record<string, number>>,
): string {
  const { x, y, width, height } = rect;
  const ring = [
    corner(x, y),
    corner(x, y + height),
    corner(x + width, y + height),
    corner(x + width, y),
    corner(x, y),
  ];
  const fractions = Object.fromEntries(
    landClasses.map((landClass) => [
      landClass,
      Math.round(((counts[landClass] ?? 0) / (width * height)) * 1e6) / 1e6,
    ]),
  );
  const properties = { name, pixels: [x, y, width, height], fractions };
  return `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[${ring.join(',')}]]},"properties":${JSON.stringify(properties)}}`;
}

/** The whole scene. */
export function sceneFeature(
  width: number,
  height: number,
  counts: Readonly<Record<string, number>>,
): string {
  return areaFeature('scene', { x: 0, y: 0, width, height }, counts);
}

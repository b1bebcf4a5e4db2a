/** Regions of a run out of GeoJSON, read as annotations are: every area in it, whatever it is called. */
import { GigatileError } from '../contract/errors.ts';
import { outerRing } from './annotation-shapes.ts';
import { liesOutside, placedShapes, type ImportTarget } from './geojson-annotations.ts';
import { ringWithHoles } from './roi.ts';

/**
 * @returns a ring for each area, level-0 pixels; none where all of them lie outside of the image
 * @throws {GigatileError} usage where it is no GeoJSON, or holds no area
 */
export function readRegions(text: string, image: ImportTarget): [number, number][][] {
  const shapes = placedShapes(text, image).flatMap((placed) => placed.shapes);
  const areas = shapes.filter((shape) => outerRing(shape) !== null);
  if (areas.length === 0) {
    throw new GigatileError('usage', 'The region file holds no GeoJSON polygons', {
      hint: 'Draw polygons in QuPath (export objects as GeoJSON) or in a GIS (longitude and latitude).',
    });
  }
  if (!areas.some((shape) => !liesOutside(shape, image))) return [];
  return areas.map((shape) => ringWithHoles(outerRing(shape) ?? [], shape.holes ?? []));
}

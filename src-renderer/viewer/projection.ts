/** Longitude and latitude of a geo-referenced image. The projections are loaded for such images only: they are large. */
import { useEffect, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';

export interface LonLatOf {
  /** Level-0 pixel to degrees. */
  at: (x: number, y: number) => [longitude: number, latitude: number];
  /** Degrees to map coordinates. */
  toMap: (longitude: number, latitude: number) => [number, number];
  /** Ground area of the level-0 pixel at a place, m². */
  pixelArea: (x: number, y: number) => number | null;
}

/** null while loading, for images without a place on Earth, and where their coordinate system is not known. */
export function useLonLat(image: Pick<ImageInfo, 'geo'> & { id: string }): LonLatOf | null {
  const [known, setKnown] = useState<LonLatOf | null>(null);
  const { geo, id } = image;
  useEffect(() => {
    setKnown(null);
    if (geo === null) return undefined;
    let wanted = true;
    const load = async (): Promise<void> => {
      const { pixelArea, pixelToLonLat, projectionOf } = await import('../../src-main/core/geo.ts');
      try {
        const projection = projectionOf(geo);
        const at = pixelToLonLat(geo);
        if (wanted)
          setKnown({
            at,
            toMap: (longitude, latitude) => projection.fromLonLat(longitude, latitude),
            pixelArea: (x, y) => pixelArea(geo, x, y),
          });
      } catch {
        // A coordinate system that is not known: the place is told in its own coordinates then.
        if (wanted) setKnown(null);
      }
    };
    void load();
    return () => {
      wanted = false;
    };
    // The image's other fields do not change while its id stays.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
  return known;
}

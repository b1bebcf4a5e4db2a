/** The kinds of samples by name. */
import { pathologyLayout, PathologyPainter } from './pathology/painter.ts';
import type { SampleKind, SampleLayout, SamplePainter, SampleSpec } from './sample-protocol.ts';
import { satelliteLayout, SatellitePainter } from './satellite/painter.ts';

const kinds: Record<
  SampleKind,
  { layout: SampleLayout; painter: new (spec: SampleSpec, truth: boolean) => SamplePainter }
> = {
  pathology: { layout: pathologyLayout, painter: PathologyPainter },
  satellite: { layout: satelliteLayout, painter: SatellitePainter },
};

export function sampleLayout(kind: SampleKind): SampleLayout {
  return kinds[kind].layout;
}

/** `truth`: whether the painter is to describe what it paints. */
export function makePainter(spec: SampleSpec, truth: boolean): SamplePainter {
  return new kinds[spec.kind].painter(spec, truth);
}

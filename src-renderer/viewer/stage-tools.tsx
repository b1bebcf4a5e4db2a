/** What lies over the image and does not follow the view through React: tools, legend, scale, drawings. Moving the view renders none of it. */
import { memo } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { AnnotationLayer } from '../annotations/annotation-layer.tsx';
import { DrawingSurface } from '../annotations/drawing-surface.tsx';
import { useCompare } from '../compare/compare-store.ts';
import { ComparisonLegend } from '../compare/comparison-legend.tsx';
import { LookPanel } from '../look/look-panel.tsx';
import { LayersCard } from '../overlay/layers-card.tsx';
import { GoToDialog } from './go-to-dialog.tsx';
import { useLonLat } from './projection.ts';
import { StatusStrip } from './status-strip.tsx';
import { ViewerTools } from './viewer-tools.tsx';

interface StageToolsProps {
  image: CaseView['image'];
  /** The viewer's element; null before it is there. */
  stage: HTMLElement | null;
  run: RunView | null;
  manifest: ModelManifest | null;
}

export const StageTools = memo(function StageTools({ image, stage, run, manifest }: StageToolsProps) {
  const lonLat = useLonLat(image);
  const comparing = useCompare((state) => state.runB !== null && state.objects !== null);
  return (
    <>
      <AnnotationLayer />
      <DrawingSurface image={image} />
      <ViewerTools />
      <LookPanel image={image} />
      {comparing ? <ComparisonLegend /> : <LayersCard run={run} manifest={manifest} />}
      <StatusStrip image={image} stage={stage} lonLat={lonLat} />
      <GoToDialog image={image} lonLat={lonLat} />
    </>
  );
});

/** The area whose densest square is marked as an annotation. */
import { useState } from 'react';
import { useController } from '../app/controller-context.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { hotspotSize } from './hotspot.ts';
import { markHotspot } from './mark-hotspot.ts';
import { words } from '../words/words.ts';

const leastArea = 0.01;
const mostArea = 100_000;

export function HotspotMark() {
  const controller = useController();
  const image = useCase((state) => state.caseView?.image ?? null);
  const ownMpp = useCase((state) => selectedRun(state)?.parameters.mpp);
  const usual = image === null ? null : hotspotSize(image, ownMpp);
  const [chosen, setChosen] = useState<number | null>(null);
  if (image === null || usual === null) return null;
  const size = { ...usual, area: chosen ?? usual.area };
  return (
    <div className="hotspot-mark">
      <input
        className="input numeric"
        type="number"
        aria-label={words.findings.areaOfTheHotspot(size.unit)}
        min={leastArea}
        max={mostArea}
        step="any"
        defaultValue={usual.area}
        onChange={({ target }) => {
          const area = target.valueAsNumber;
          setChosen(area >= leastArea && area <= mostArea ? area : null);
        }}
      />
      <Button size="small" onClick={() => void markHotspot(controller, size.area)}>
        {words.findings.markTheDensest(size.area, size.unit)}
      </Button>
    </div>
  );
}

/** Marks the square of a chosen area with the most findings as an annotation, and goes there. */
import { useState } from 'react';
import { addAnnotation } from '../annotations/annotation-actions.ts';
import { useController } from '../app/controller-context.ts';
import { useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { quantity } from '../ui/format.ts';
import { hotspot, hotspotSize } from './hotspot.ts';
import { words } from '../words/words.ts';

/** Yellow, which stained tissue has not. */
const hotspotClass = { name: 'Hotspot', color: [240, 228, 66] } as const;
const leastArea = 0.01;
const mostArea = 100_000;

export function HotspotMark() {
  const controller = useController();
  const image = useCase((state) => state.caseView?.image ?? null);
  const usual = image === null ? null : hotspotSize(image);
  const [chosen, setChosen] = useState<number | null>(null);
  if (image === null || usual === null) return null;
  const size = { ...usual, area: chosen ?? usual.area };
  const mark = (): void => {
    const { findings } = useCase.getState();
    const { threshold, fly } = useView.getState();
    const found = findings === null ? null : hotspot(findings, threshold, image, size);
    if (found === null) return;
    const { rect } = found;
    const area = rect.width * rect.height * size.pixel.width * size.pixel.height;
    void addAnnotation(
      controller,
      'rectangle',
      [
        [rect.x, rect.y],
        [rect.x + rect.width, rect.y + rect.height],
      ],
      { ...hotspotClass, label: words.findings.per(quantity(found.count / area), size.unit) },
    );
    fly(rect);
  };
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
      <Button size="small" onClick={mark}>
        {words.findings.markTheDensest(size.area, size.unit)}
      </Button>
    </div>
  );
}

/** Where a new run looks: the whole image, or what is drawn on it. Offered once a region is drawn. */
import { annotationArea, isArea, outerRing } from '../../src-main/core/annotation-shapes.ts';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { ringWithHoles } from '../../src-main/core/roi.ts';
import type { RunParameters } from '../../src-main/contract/run.ts';
import { excludeClass, useAnnotations } from '../state/annotation-store.ts';
import { Select } from '../ui/select.tsx';
import { words } from '../words/words.ts';

/** A choice beside the classes of annotations. */
export const everywhere = '';
const anyClass = '\u0000any';

type Shape = Pick<Annotation, 'kind' | 'points' | 'holes' | 'className'>;

function rings(items: readonly Shape[]): [number, number][][] {
  return items.flatMap((item) => {
    const ring = outerRing(item);
    return ring === null ? [] : [ringWithHoles(ring, item.holes ?? [])];
  });
}

/**
 * The part of the parameters that the choice stands for; a class that is not drawn any more stands for the whole image, as the field
 * says then. Areas of the class Exclude are left out whatever is chosen.
 */
export function regionParameters(
  items: readonly Shape[],
  choice: string,
): Pick<RunParameters, 'roi' | 'exclude'> {
  const areas = items.filter((item) => isArea(item) && annotationArea(item) > 0);
  const included = areas.filter(
    ({ className }) => className !== excludeClass && (choice === anyClass || className === choice),
  );
  const excluded = areas.filter(({ className }) => className === excludeClass);
  return {
    ...(included.length > 0 && { roi: rings(included) }),
    ...(excluded.length > 0 && { exclude: rings(excluded) }),
  };
}

interface RegionSelectProps {
  value: string;
  onChange: (value: string) => void;
}

export function RegionSelect({ value, onChange }: RegionSelectProps) {
  const items = useAnnotations((state) => state.items);
  const areas = items.filter(isArea);
  if (areas.length === 0) return null;
  const included = areas.filter(({ className }) => className !== excludeClass);
  const classes = [...new Set(included.map(({ className }) => className))];
  const excluded = areas.length - included.length;
  const size = (count: number) => words.counts.regions(count);
  const chosen = classes.includes(value) || (value === anyClass && included.length > 0) ? value : everywhere;
  return (
    <div className="field">
      <span className="label">{words.runs.lookAt}</span>
      <Select
        label={words.runs.lookAt}
        className="select-wide"
        value={chosen}
        options={[
          { value: everywhere, label: words.runs.theWholeImage },
          ...(included.length > 0
            ? [{ value: anyClass, label: words.runs.allThatIsDrawn, hint: size(included.length) }]
            : []),
          ...classes.map((name) => ({
            value: name,
            label: name,
            hint: size(included.filter(({ className }) => className === name).length),
          })),
        ]}
        onChange={onChange}
      />
      {chosen !== everywhere && <span className="field-hint">{words.runs.everyTileThatTouchesOne}</span>}
      {excluded > 0 && (
        <span className="field-hint">
          {words.runs.tilesThatLieWhollyInOfTheClass(size(excluded), excludeClass)}
        </span>
      )}
    </div>
  );
}

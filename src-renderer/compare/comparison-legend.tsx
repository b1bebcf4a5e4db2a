/** What the colours mean while two runs are compared; in the place of the legend of one run. */
import { groupNames } from '../../src-main/core/compare/group-colours.ts';
import { sampleRamp } from '../../src-main/core/colour.ts';
import { useView } from '../state/view-store.ts';
import { OpacitySlider } from '../overlay/opacity-slider.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { useCompare } from './compare-store.ts';
import { GroupMark } from './group-mark.tsx';
import { differenceRamp } from './tile-differences.ts';
import { words } from '../words/words.ts';

const stops = Array.from(
  { length: 11 },
  (_, i) => `rgb(${sampleRamp(differenceRamp, i / 10).join(' ')}) ${i * 10}%`,
);

export function ComparisonLegend() {
  const groups = useCompare((state) => state.groups);
  const classAware = useCompare((state) => state.summary?.options.classAware ?? true);
  const shownGroups = groups.filter((group) => group !== 'other-class' || !classAware);
  const tiles = useCompare((state) => state.tiles);
  const showTiles = useCompare((state) => state.showTiles);
  const set = useView((state) => state.set);
  return (
    <section className="layers" aria-label={words.compare.legend}>
      <h2 className="layers-head">{words.compare.differences}</h2>
      <div className="layers-body">
        <ul className="legend-classes">
          {shownGroups.map((group) => (
            <li key={group}>
              <GroupMark group={group} />
              {groupNames[group]}
            </li>
          ))}
        </ul>
        {tiles !== null && (
          <>
            <SwitchRow
              label={words.compare.tileScores}
              checked={showTiles}
              onChange={(checked) => {
                useCompare.setState({ showTiles: checked });
                if (checked) set({ showTiles: true });
              }}
            />
            {showTiles && (
              <>
                <div className="legend-ramp">
                  <div
                    className="legend-gradient"
                    style={{ background: `linear-gradient(90deg, ${stops.join(', ')})` }}
                  />
                  <div className="legend-ends">
                    <span>{words.compare.aHigher}</span>
                    <span>{words.compare.bHigher}</span>
                  </div>
                </div>
                <OpacitySlider />
              </>
            )}
          </>
        )}
      </div>
    </section>
  );
}

/** What the colours mean, and how strong they are. */
import { Collapsible } from '@base-ui/react/collapsible';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { cividis, sampleRamp } from '../../src-main/core/colour.ts';
import { useView } from '../state/view-store.ts';
import { count, locale } from '../ui/format.ts';
import { SwitchRow } from '../ui/switch-row.tsx';
import { words } from '../words/words.ts';
import { OpacitySlider } from './opacity-slider.tsx';

/** As in viewer.css: there is no room for it beside the tools. */
const small = '(max-width: 760px), (max-height: 520px)';

export function LayersCard({ run, manifest }: { run: RunView | null; manifest: ModelManifest | null }) {
  const [open, setOpen] = useState(() => !matchMedia(small).matches);
  const fades = useView((state) => state.fadeTiles);
  const set = useView((state) => state.set);
  if (run === null) return null;
  const { skipped, failed, waiting } = run.tiles;
  return (
    <Collapsible.Root
      open={open}
      onOpenChange={setOpen}
      render={<section className="layers" aria-label={words.overlay.legend} />}
    >
      <Collapsible.Trigger className="layers-head">
        {words.overlay.tileColours}
        <ChevronDown aria-hidden />
      </Collapsible.Trigger>
      <Collapsible.Panel className="layers-body">
        <Legend manifest={manifest} />
        {(failed > 0 || skipped > 0 || waiting > 0) && (
          <ul className="legend-states numeric">
            {failed > 0 && (
              <li>
                <span className="swatch swatch-failed" /> {words.overlay.failed} <span>{count(failed)}</span>
              </li>
            )}
            {waiting > 0 && (
              <li>
                <span className="swatch swatch-waiting" /> {words.overlay.toBeTriedAgain}{' '}
                <span>{count(waiting)}</span>
              </li>
            )}
            {skipped > 0 && (
              <li>
                <span className="swatch swatch-skipped" /> {words.overlay.skipped}{' '}
                <span>{count(skipped)}</span>
              </li>
            )}
          </ul>
        )}
        <OpacitySlider />
        <SwitchRow
          label={words.overlay.fadeWhenZoomedIn}
          checked={fades}
          onChange={(fadeTiles) => set({ fadeTiles })}
        />
        <p className="field-hint">
          {words.overlay.hold} <span className="kbd">{words.overlay.space}</span>{' '}
          {words.overlay.forTheBareImage}
        </p>
      </Collapsible.Panel>
    </Collapsible.Root>
  );
}

function Legend({ manifest }: { manifest: ModelManifest | null }) {
  if (manifest === null) return null;
  const { tileColor } = manifest;
  if (tileColor.by === 'class') {
    return (
      <ul className="legend-classes">
        {manifest.classes.map((item) => (
          <li key={item.name}>
            <span className="swatch" style={{ background: `rgb(${item.color.join(' ')})` }} />
            {item.name}
          </li>
        ))}
      </ul>
    );
  }
  const area = manifest.mpp === null ? 'km²' : 'mm²';
  const title = tileColor.by === 'density' ? words.overlay.findingsPer(area) : tileColor.value;
  const stops = Array.from(
    { length: 11 },
    (_, i) => `rgb(${sampleRamp(cividis, i / 10).join(' ')}) ${i * 10}%`,
  );
  return (
    <div className="legend-ramp">
      <div className="label">{title}</div>
      <div
        className="legend-gradient"
        style={{ background: `linear-gradient(90deg, ${stops.join(', ')})` }}
      />
      <div className="legend-ends numeric">
        <span>0</span>
        <span>≥ {tileColor.full.toLocaleString(locale)}</span>
      </div>
    </div>
  );
}

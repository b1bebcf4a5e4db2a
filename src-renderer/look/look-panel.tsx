/** Which bands of the image are shown, in which colours and with which contrast. */
import { RotateCcw, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { CommandButton } from '../app/command-button.tsx';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { DisplayLook, ImageLook } from '../../src-main/contract/look.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { fixed } from '../ui/format.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { Slider } from '../ui/slider.tsx';
import { ChannelRows } from './channel-rows.tsx';
import { stretchesOf, withGamma, withRange } from './edits.ts';
import { RgbRows } from './rgb-rows.tsx';
import { SingleRow } from './single-row.tsx';
import { useLook, useLookOf } from './look-store.ts';
import { presetOf, presetsOf } from './presets.ts';
import { words } from '../words/words.ts';

type CaseImage = CaseView['image'];

export function LookPanel({ image }: { image: CaseImage }) {
  const open = useLook((state) => state.panelOpen);
  return open ? <OpenPanel image={image} key={image.id} /> : null;
}

function OpenPanel({ image }: { image: CaseImage }) {
  const { connection } = useController();
  const setPanelOpen = useLook((state) => state.setPanelOpen);
  const { value, error } = useAnswer(image.id, () => connection.api.images.look({ imageId: image.id }));
  const panel = useRef<HTMLElement>(null);
  // Opened by a key or a button: the keyboard goes on from here.
  useEffect(() => panel.current?.focus(), []);
  return (
    <section
      ref={panel}
      className="look-panel"
      aria-label={words.look.bandsAndContrast}
      tabIndex={-1}
      onKeyDown={(event) => {
        // Neither leaves a comparison; arrow keys move sliders here, not the image.
        if (event.key === 'Escape' || event.key.startsWith('Arrow')) event.stopPropagation();
        if (event.key === 'Escape') setPanelOpen(false);
      }}
    >
      <header className="look-head">
        <h2>{words.look.bandsAndContrast}</h2>
        <IconButton label={words.look.close} size="small" onClick={() => setPanelOpen(false)}>
          <X aria-hidden />
        </IconButton>
      </header>
      <div className="look-body">
        {error !== null ? (
          <ErrorNote error={error} />
        ) : value === null ? (
          <div className="look-wait" role="status" aria-label={words.look.readingAnOverviewOfTheImage}>
            <div className="skeleton" />
            <div className="skeleton" />
          </div>
        ) : (
          <Settings image={image} description={value} />
        )}
      </div>
    </section>
  );
}

function Settings({ image, description }: { image: CaseImage; description: ImageLook }) {
  const look = useLookOf(image);
  const setLook = useLook((state) => state.setLook);
  const presets = presetsOf(image, description);
  const current = presetOf(look, presets, description);
  const shown = look ?? description.look;
  const change = (next: DisplayLook | null): void => setLook(image.fingerprint, next);
  // Hidden channels come back as they were left.
  const [left, setLeft] = useState<ReadonlyMap<number, { low: number; high: number; color: string }>>(
    new Map(),
  );
  const custom = current === null ? [{ value: 'custom', label: words.look.ownChoiceOfBands }] : [];
  return (
    <>
      <div className="look-top">
        <Select
          className="look-preset"
          label={words.look.shownAs}
          value={current ?? 'custom'}
          options={[...custom, ...presets.map(({ id, label }) => ({ value: id, label }))]}
          onChange={(id) => {
            const preset = presets.find((known) => known.id === id);
            if (preset !== undefined) change(preset.look);
          }}
        />
        <CommandButton id="reset-look" label={words.look.reset}>
          <RotateCcw aria-hidden />
        </CommandButton>
      </div>
      {shown?.mode === 'rgb' && (
        <RgbRows image={image} description={description} look={shown} onChange={change} />
      )}
      {shown?.mode === 'single' && (
        <SingleRow image={image} description={description} look={shown} onChange={change} />
      )}
      {shown?.mode === 'additive' && (
        <ChannelRows
          image={image}
          description={description}
          look={shown}
          left={left}
          onLeave={({ band, low, high, color }) => setLeft(new Map(left).set(band, { low, high, color }))}
          onChange={change}
        />
      )}
      {shown !== null && (
        <>
          <Slider
            label={words.look.gamma}
            value={stretchesOf(shown)[0]?.gamma ?? 1}
            min={0.2}
            max={4}
            step={0.05}
            format={(gamma) => fixed(gamma, 2)}
            onChange={(gamma) => change(withGamma(shown, gamma))}
          />
          <div className="look-actions">
            <Button size="small" onClick={() => change(withAll(shown, description, 'percentiles'))}>
              2–98 %
            </Button>
            <Button size="small" onClick={() => change(withAll(shown, description, 'all'))}>
              {words.look.fullRange}
            </Button>
          </div>
        </>
      )}
      <p className="field-hint">{words.look.onlyThePictureChangesModelsRead}</p>
    </>
  );
}

/** Each band of the look over its own values. */
function withAll(look: DisplayLook, { bands }: ImageLook, which: 'percentiles' | 'all'): DisplayLook {
  return stretchesOf(look).reduce((changed, { band }, place) => {
    const own = bands[band];
    if (own === undefined) return changed;
    const range = which === 'all' ? { low: own.min, high: own.max } : { low: own.low, high: own.high };
    return withRange(changed, [place], range);
  }, look);
}

/** Channels of fluorescence: which are lit, in which colour, how strongly. */
import { Switch } from '@base-ui/react/switch';
import type { CaseView } from '../../src-main/contract/api.ts';
import { mostChannels } from '../../src-main/contract/look.ts';
import type { Channel, DisplayLook, ImageLook } from '../../src-main/contract/look.ts';
import { withChannel, withColor, withRange } from './edits.ts';
import { bandName, startingChannel } from './presets.ts';
import { RangeField } from './range-field.tsx';
import { words } from '../words/words.ts';

interface ChannelRowsProps {
  image: CaseView['image'];
  description: ImageLook;
  look: Extract<DisplayLook, { mode: 'additive' }>;
  /** What channels looked like that were hidden since the panel was opened, by band. */
  left: ReadonlyMap<number, Pick<Channel, 'low' | 'high' | 'color'>>;
  onLeave: (channel: Channel) => void;
  onChange: (look: DisplayLook) => void;
}

export function ChannelRows({ image, description, look, left, onLeave, onChange }: ChannelRowsProps) {
  const gamma = look.channels[0]?.gamma ?? 1;
  const whole = !image.dtype.startsWith('float');
  return (
    <div className="look-channels" role="list" aria-label={words.look.channels}>
      {Array.from({ length: image.bands }, (_, band) => {
        const place = look.channels.findIndex((channel) => channel.band === band);
        const lit = look.channels[place];
        const channel = lit ?? { ...startingChannel(image, description, band), ...left.get(band), gamma };
        const name = bandName(image, band);
        const statistics = description.bands[band];
        return (
          <div className="look-row" key={band} role="listitem">
            <div className="look-row-head">
              <input
                type="color"
                className="look-color"
                aria-label={words.look.colourOf(name)}
                value={channel.color}
                disabled={lit === undefined}
                onChange={(event) => onChange(withColor(look, band, event.target.value))}
              />
              <span className={`label look-name ${lit === undefined ? 'look-dark' : ''}`} title={name}>
                {name}
              </span>
              <Switch.Root
                className="switch"
                aria-label={words.look.show(name)}
                checked={lit !== undefined}
                disabled={lit === undefined && look.channels.length >= mostChannels}
                onCheckedChange={() => {
                  if (lit !== undefined) onLeave(lit);
                  onChange(withChannel(look, channel));
                }}
              >
                <Switch.Thumb className="switch-thumb" />
              </Switch.Root>
            </div>
            {lit !== undefined && statistics !== undefined && (
              <RangeField
                label={name}
                series={[{ statistics, color: lit.color }]}
                value={lit}
                whole={whole}
                onChange={(range) => onChange(withRange(look, [place], range))}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

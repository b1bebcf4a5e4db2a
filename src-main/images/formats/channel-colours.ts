/** Colours for channels of fluorescence: the file's own, else by wavelength or stain, else one that no other channel has. */
import type { OmeChannel } from './ome-xml.ts';

/** In the order in which they are given out: DAPI comes first in most panels. */
const cycle = ['#0000ff', '#00ff00', '#ff0000', '#ffff00', '#00ffff', '#ff00ff', '#ffffff'] as const;

/** Upper end of emission, nm; what lies above (far red) is shown in magenta. */
const byWavelength = [
  [490, '#0000ff'],
  [515, '#00ffff'],
  [565, '#00ff00'],
  [590, '#ffff00'],
  [650, '#ff0000'],
] as const;

const nuclearStain = /\b(dapi|hoechst)/i;

/** One #rrggbb a channel. */
export function channelColours(channels: readonly OmeChannel[]): string[] {
  const given = channels.map(({ color }) => color);
  // White is the schema's default; the same colour for all tells nothing apart.
  const useless = channels.length > 1 && new Set(given).size === 1;
  const colours = channels.map(({ wavelength, name }, i) => {
    if (!useless && given[i] != null) return given[i];
    if (wavelength !== null) return byWavelength.find(([upTo]) => wavelength < upTo)?.[1] ?? '#ff00ff';
    return nuclearStain.test(name ?? '') ? '#0000ff' : null;
  });
  const free: string[] = cycle.filter((colour) => !colours.includes(colour));
  return colours.map((colour, i) => colour ?? free.shift() ?? cycle[i % cycle.length] ?? '#ffffff');
}

/** Where slides of other machines are on this one: `//server/share/slides=/mnt/slides`, or `=s3://bucket/slides`; the longest that fits counts. */
import { GigatileError } from '../../contract/errors.ts';
import { isUrl } from '../../core/image-address.ts';

export type SlideMap = readonly { from: string; to: string }[];

const withSlashes = (path: string): string => path.replaceAll('\\', '/');
const withoutEnd = (path: string): string => withSlashes(path).replace(/(?<=.)\/+$/, '');

/** @param entries `from=to` each @throws {GigatileError} usage */
export function readSlideMap(entries: readonly string[]): SlideMap {
  return entries
    .map((entry) => {
      const at = entry.indexOf('=');
      const [from, to] = [withoutEnd(entry.slice(0, at)), withoutEnd(entry.slice(at + 1))];
      if (at < 1 || from === '' || to === '') {
        throw new GigatileError('usage', `--slides ${entry} is not <folder there>=<folder here>`);
      }
      return { from, to };
    })
    .sort((a, b) => b.from.length - a.from.length);
}

/** Drive letters and server names are written in any case. */
const comparable = (path: string): string => (/^([A-Za-z]:|\/\/)/.test(path) ? path.toLowerCase() : path);

/** Path or address of the image on this machine; whether it is there is another question. */
export function slideHere(address: string, map: SlideMap): string {
  const path = isUrl(address) ? address : withSlashes(address);
  for (const { from, to } of map) {
    if (comparable(path) === comparable(from)) return to;
    if (comparable(path).startsWith(`${comparable(from)}/`)) return `${to}${path.slice(from.length)}`;
  }
  return address;
}

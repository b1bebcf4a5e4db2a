/** XML that is damaged or hostile: unclosed, nested without end, entities, attributes without end. */
import type { Chance } from './chance.ts';
import { edges } from './chance.ts';
import type { Mutation } from './mutate.ts';
import { walkTiff, writeUint } from './tiff-walk.ts';

const descriptions = new Set([270, 700, 42112]);

/** What a text of the file becomes. */
function damaged(text: string, chance: Chance): string {
  const at = chance.below(Math.max(1, text.length));
  const deep = 1 + chance.below(60_000);
  switch (chance.below(11)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.replaceAll(/<\/[^>]*>/g, '');
    case 2:
      return text.slice(0, at) + '<a>'.repeat(deep) + text.slice(at);
    case 3: {
      const layers = Array.from({ length: 10 }, (_, i) =>
        i === 0 ? '<!ENTITY e0 "lol">' : `<!ENTITY e${i} "${`&e${i - 1};`.repeat(10)}">`,
      );
      return `<!DOCTYPE x [${layers.join('')}<!ENTITY f SYSTEM "file:///etc/passwd">]>${text.replaceAll('="', '="&e9;&f;')}`;
    }
    case 4:
      return text.replace(/="/, `="${'A'.repeat(chance.below(3_000_000))}`);
    case 5:
      return text.replaceAll(/\d+/g, () => String(chance.of([...edges, -1, 1e308, 'NaN', '', '1e999', 'x'])));
    case 6: {
      let left = 1 + chance.below(3);
      return text.replaceAll(/"[^"]*"/g, (value) =>
        left > 0 && chance.yes(0.2) && left-- > 0 ? '"' : value,
      );
    }
    case 7:
      return text.replace(/<(\w+)/, `<$1 ${'b="" '.repeat(chance.below(100_000))}`);
    case 8:
      return `${'<'.repeat(chance.below(200_000))}${text}`;
    case 9: {
      // One element many times over: thousands of channels, directories, views.
      const element = /<(\w[\w:]*)\b[^<>]*\/>|<(\w[\w:]*)\b[^<>]*>[^<]*<\/\2>/.exec(text)?.[0] ?? '<x/>';
      return text.replace(element, element.repeat(1 + chance.below(20_000)));
    }
    default:
      return text.slice(0, at) + String.fromCharCode(chance.below(0x300)) + text.slice(at + chance.below(9));
  }
}

/** The text is put at the end of the file and its tag points there, so that it may be of any length. */
export function mutateXml({ bytes, chance }: Mutation): Buffer | null {
  const tiff = walkTiff(bytes);
  if (tiff === null) return inPlace(bytes, chance);
  const fields = tiff.directories
    .flatMap((directory) => directory.fields)
    .filter(({ tag, count }) => descriptions.has(tag) && count > 8);
  if (fields.length === 0) return null;
  const field = chance.of(fields);
  const text = bytes.toString('latin1', field.dataAt, field.dataAt + field.count);
  const next = Buffer.from(damaged(text, chance), 'latin1');
  const inline = tiff.big ? 8 : 4;
  writeUint(bytes, field.countAt, inline, next.length, tiff.little);
  if (next.length > inline) writeUint(bytes, field.valueAt, inline, bytes.length, tiff.little);
  return Buffer.concat([bytes, next]);
}

/** XML of other files (JP2 boxes, packets of XMP): characters of the same place. */
function inPlace(bytes: Buffer, chance: Chance): Buffer | null {
  const from = bytes.indexOf('<?xml');
  if (from < 0) return null;
  for (let i = 1 + chance.below(6); i > 0; i--) {
    const at = from + chance.below(Math.min(2048, bytes.length - from));
    bytes[at] = chance.of([0x3c, 0x3e, 0x22, 0x26, 0x2f, 0x00, 0xff, 0x30, 0x39]);
  }
  return bytes;
}

/** Mutations that know where a TIFF keeps what: dimensions, tables, chains of directories. */
import { edges } from './chance.ts';
import type { Mutation, Mutator } from './mutate.ts';
import { readUint, walkTiff, writeUint } from './tiff-walk.ts';
import type { TiffField, TiffMap } from './tiff-walk.ts';

/** Tags that decide something. */
const known = [
  254, 256, 257, 258, 259, 262, 266, 270, 273, 277, 278, 279, 282, 284, 296, 305, 317, 320, 322, 323, 324,
  325, 330, 338, 339, 347, 530, 700, 33550, 33922, 34264, 34665, 34735, 34736, 34737, 42112, 42113, 50844,
  65420, 65421, 65426, 65432, 65439, 65441, 65442, 65443, 65449,
];
const sizeTags = new Set([256, 257, 277, 278, 322, 323]);
const offsetTags = new Set([273, 324]);
const countTags = new Set([279, 325]);

/** A mutator over one field (of the wanted tags, where there are any). */
function onField(
  change: (m: Mutation, tiff: TiffMap, field: TiffField) => void,
  wanted?: (tag: number) => boolean,
): Mutator {
  return (m) => {
    const tiff = walkTiff(m.bytes);
    if (tiff === null) return null;
    const fields = m.chance.of(tiff.directories).fields.filter(({ tag }) => wanted?.(tag) ?? true);
    if (fields.length === 0) return null;
    for (let i = m.chance.yes(0.3) ? 2 : 1; i > 0; i--) change(m, tiff, m.chance.of(fields));
    return m.bytes;
  };
}

/** Sets one value of a field. */
function setValue(m: Mutation, tiff: TiffMap, field: TiffField, value: number): void {
  const index = m.chance.below(Math.max(1, Math.min(field.count, 4096)));
  writeUint(m.bytes, field.dataAt + index * field.size, field.size, value, tiff.little);
}

function someOffset(m: Mutation, tiff: TiffMap): number {
  const places = [
    0,
    1,
    8,
    16,
    m.bytes.length - 1,
    m.bytes.length,
    m.bytes.length + 1,
    ...tiff.directories.flatMap(({ at, nextAt }) => [at, at + 1, nextAt]),
    m.chance.below(m.bytes.length),
    ...edges,
  ];
  return m.chance.of(places);
}

export const tiffMutators: Record<string, Mutator> = {
  'tag values': onField((m, tiff, field) => setValue(m, tiff, field, m.chance.of(edges))),
  'tag counts': onField((m, tiff, field) => {
    const value = m.chance.yes(0.3) ? field.count + m.chance.of([-1, 1, 2, 1000]) : m.chance.of(edges);
    writeUint(m.bytes, field.countAt, tiff.big ? 8 : 4, value, tiff.little);
  }),
  'tag types': onField((m, tiff, field) => {
    writeUint(m.bytes, field.entryAt + 2, 2, m.chance.below(20), tiff.little);
  }),
  'tag numbers': onField((m, tiff, field) => {
    writeUint(m.bytes, field.entryAt, 2, m.chance.of(known), tiff.little);
  }),
  'swapped and overlapping offsets': onField(
    (m, tiff, field) => {
      const at = (index: number): number => field.dataAt + index * field.size;
      const [a, b] = [m.chance.below(field.count), m.chance.below(field.count)];
      const [first, second] = [
        readUint(m.bytes, at(a), field.size, tiff.little),
        readUint(m.bytes, at(b), field.size, tiff.little),
      ];
      writeUint(m.bytes, at(a), field.size, m.chance.yes(0.5) ? second : someOffset(m, tiff), tiff.little);
      if (m.chance.yes(0.5))
        writeUint(m.bytes, at(b), field.size, first + m.chance.below(9) - 4, tiff.little);
    },
    (tag) => offsetTags.has(tag),
  ),
  'value offsets': onField((m, tiff, field) => {
    writeUint(m.bytes, field.valueAt, tiff.big ? 8 : 4, someOffset(m, tiff), tiff.little);
  }),
  'IFD loops': (m) => {
    const tiff = walkTiff(m.bytes);
    if (tiff === null) return null;
    const directory = m.chance.of(tiff.directories);
    const sub = directory.fields.find(({ tag }) => tag === 330);
    const target = m.chance.yes(0.7) ? m.chance.of(tiff.directories).at : someOffset(m, tiff);
    if (sub !== undefined && m.chance.yes(0.5)) setValue(m, tiff, sub, target);
    else writeUint(m.bytes, directory.nextAt, tiff.big ? 8 : 4, target, tiff.little);
    return m.bytes;
  },
  'dimension bombs': onField(
    (m, tiff, field) => setValue(m, tiff, field, m.chance.of(edges.filter((edge) => edge >= 255))),
    (tag) => sizeTags.has(tag),
  ),
  'zero sizes': onField(
    (m, tiff, field) => setValue(m, tiff, field, 0),
    (tag) => sizeTags.has(tag) || countTags.has(tag) || tag === 258,
  ),
  'byte counts': onField(
    (m, tiff, field) => {
      const index = m.chance.below(Math.max(1, field.count));
      const at = field.dataAt + index * field.size;
      const count = readUint(m.bytes, at, field.size, tiff.little);
      const wrong = m.chance.of([0, 1, 2, 3, count - 1, count + 1, count * 2, count >>> 1, ...edges]);
      writeUint(m.bytes, at, field.size, wrong, tiff.little);
    },
    (tag) => countTags.has(tag),
  ),
};

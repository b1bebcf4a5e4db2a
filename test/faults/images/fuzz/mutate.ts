/** Damage of every kind that a file can have, by accident or on purpose. Each mutator gives fresh bytes. */
import type { Chance } from './chance.ts';
import { edges } from './chance.ts';
import { mutateJpeg, mutateJpeg2000, mutatePng } from './mutate-codecs.ts';
import { mutateDicom } from './mutate-dicom.ts';
import { tiffMutators } from './mutate-tiff.ts';
import { mutateXml } from './mutate-xml.ts';
import { writeUint } from './tiff-walk.ts';

export interface Mutation {
  bytes: Buffer;
  chance: Chance;
  /** Another file of the corpus, for splicing. */
  other: Buffer;
}

/** null: this file has nothing of the kind. */
export type Mutator = (mutation: Mutation) => Buffer | null;

/** Most of what decides anything lies at the start of a file, or at its end. */
function place({ bytes, chance }: Mutation): number {
  const { length } = bytes;
  const near = Math.min(length, 2048);
  const kind = chance.below(4);
  if (kind === 0) return chance.below(near);
  if (kind === 1) return length - 1 - chance.below(near);
  return chance.below(length);
}

const general: Record<string, Mutator> = {
  'byte flips': (m) => {
    for (let i = 1 + m.chance.below(16); i > 0; i--) m.bytes[place(m)] = m.chance.below(256);
    return m.bytes;
  },
  'bit flips': (m) => {
    for (let i = 1 + m.chance.below(8); i > 0; i--) {
      const at = place(m);
      m.bytes[at] = (m.bytes[at] ?? 0) ^ (1 << m.chance.below(8));
    }
    return m.bytes;
  },
  truncation: (m) => Buffer.from(m.bytes.subarray(0, 1 + m.chance.below(m.bytes.length))),
  'edge numbers': (m) => {
    for (let i = 1 + m.chance.below(3); i > 0; i--) {
      const size = m.chance.of([1, 2, 4, 8]);
      writeUint(m.bytes, place(m) & -size, size, m.chance.of(edges), m.chance.yes(0.6));
    }
    return m.bytes;
  },
  'moved block': (m) => {
    const length = 1 + m.chance.below(Math.min(512, m.bytes.length));
    const [from, to] = [m.chance.below(m.bytes.length), m.chance.below(m.bytes.length)];
    m.bytes.copy(m.bytes, to, from, Math.min(m.bytes.length, from + length));
    return m.bytes;
  },
  'cut out or put in': (m) => {
    const at = place(m);
    const length = 1 + m.chance.below(64);
    const filling = m.chance.yes(0.5) ? Buffer.alloc(length, m.chance.below(256)) : Buffer.alloc(0);
    const rest = m.chance.yes(0.5) ? at + length : at;
    return Buffer.concat([m.bytes.subarray(0, at), filling, m.bytes.subarray(rest)]);
  },
  splice: (m) => {
    const at = place(m);
    const from = m.chance.yes(0.5) ? at : m.chance.below(m.other.length);
    return Buffer.concat([m.bytes.subarray(0, at), m.other.subarray(Math.min(from, m.other.length))]);
  },
  'zeroed block': (m) => {
    const at = place(m);
    m.bytes.fill(m.chance.of([0, 0, 255, 32]), at, Math.min(m.bytes.length, at + 1 + m.chance.below(1024)));
    return m.bytes;
  },
};

export const mutators: Readonly<Record<string, Mutator>> = {
  ...general,
  ...tiffMutators,
  'JPEG headers': mutateJpeg,
  'JPEG 2000 headers': mutateJpeg2000,
  'PNG header': mutatePng,
  XML: mutateXml,
  'DICOM elements': mutateDicom,
};

const names = Object.keys(mutators);
const generalNames = Object.keys(general);

/** Larger files say nothing that smaller ones would not. */
const largest = 16 * 1024 * 1024;

/** null also where the damage would be of a size that nothing can hold: XML that was blown up before, once more. */
function damaged(mutator: string, mutation: Mutation): Buffer | null {
  try {
    const bytes = mutators[mutator]?.(mutation) ?? null;
    return bytes === null || bytes.length === 0 || bytes.length > largest ? null : bytes;
  } catch (error) {
    if (error instanceof RangeError && /string length/i.test(error.message)) return null;
    throw error;
  }
}

/** One mutated file; the mutator's name is what it is counted under. Now and then a second one follows the first. */
export function mutate(seed: Buffer, other: Buffer, chance: Chance): { bytes: Buffer; mutator: string } {
  const mutation = (bytes: Buffer): Mutation => ({ bytes: Buffer.from(bytes), chance, other });
  let mutator = chance.of(names);
  let bytes = damaged(mutator, mutation(seed));
  // What has no such part is damaged in another way: a general one always applies.
  while (bytes === null) {
    mutator = chance.yes(0.5) ? chance.of(names) : chance.of(generalNames);
    bytes = damaged(mutator, mutation(seed));
  }
  if (chance.yes(0.15)) {
    bytes = damaged(chance.of(names), mutation(bytes)) ?? bytes;
  }
  return { bytes, mutator };
}

/** What is asked about a tile, and what counts as an answer. */
import { z } from 'zod';
import type { ModelManifest } from '../contract/model.ts';
import type { RemoteModel, TileNote } from '../contract/model-remote.ts';
import type { Question, Picture } from './vision-endpoint.ts';

/** More objects than that in one tile are a model that repeats itself. */
const mostObjects = 1000;
const longest = { label: 120, analysis: 2000 };
/** How far a box may reach over the tile's border and still be meant as one. */
const slack = 0.02;

const objectSchema = z.object({
  label: z.string().trim().min(1),
  /** x1, y1, x2, y2. */
  box: z.array(z.number()).length(4),
  confidence: z.number(),
});

const regionSchema = z.object({
  label: z.string().trim().min(1),
  analysis: z.string().trim(),
  objects: z.array(objectSchema).max(mostObjects),
});

/** An object in parts of the tile's size, 0-1. */
export interface RegionObject {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  confidence: number;
  classIndex: number;
}

export interface Region {
  note: TileNote;
  objects: RegionObject[];
}

/** The classes that the model may name: what is background is not asked for. */
function namesOf({ classes, backgroundClass }: ModelManifest): string[] {
  return classes.flatMap(({ name }, i) => (i === backgroundClass ? [] : [name]));
}

export function regionQuestion(manifest: ModelManifest, remote: RemoteModel, picture: Picture): Question {
  const names = namesOf(manifest);
  const number = { type: 'number' };
  return {
    system: `You look at one part of a much larger image and report what is in it. The person wants:\n${remote.prompt}`,
    text: [
      'Report on this part of the image, as one JSON object and nothing else:',
      '- "label": the part as a whole, in a few words.',
      '- "analysis": one to three sentences about what can be seen.',
      `- "objects": each object that can be seen, with "label" (one of: ${names.map((name) => JSON.stringify(name)).join(', ')}), "box" and "confidence" (0 to 1). An empty list where there is none.`,
      'A "box" is [x1, y1, x2, y2]: its left, top, right and bottom edge as fractions of the picture\'s width and height, 0 to 1, from the top left corner.',
      `The form: {"label": "…", "analysis": "…", "objects": [{"label": ${JSON.stringify(names[0] ?? 'object')}, "box": [0.1, 0.2, 0.3, 0.4], "confidence": 0.9}]}`,
    ].join('\n'),
    picture,
    repair: null,
    schema: {
      name: 'report_region',
      description: 'Reports what is in this part of the image.',
      json: {
        type: 'object',
        properties: {
          label: { type: 'string' },
          analysis: { type: 'string' },
          objects: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                label: { type: 'string', enum: names },
                box: { type: 'array', items: number },
                confidence: number,
              },
              required: ['label', 'box', 'confidence'],
              additionalProperties: false,
            },
          },
        },
        required: ['label', 'analysis', 'objects'],
        additionalProperties: false,
      },
    },
  };
}

/** The JSON of an answer: alone, after a model's thoughts, in a fence, or between words. undefined where there is none. */
export function jsonIn(text: string): unknown {
  const spoken = text.replaceAll(/<think>[\s\S]*?<\/think>/g, '').trim();
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(spoken)?.[1];
  const braced = spoken.slice(spoken.indexOf('{'), spoken.lastIndexOf('}') + 1);
  for (const candidate of [spoken, fenced, braced]) {
    if (candidate === undefined || candidate === '') continue;
    try {
      return JSON.parse(candidate);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

/** @returns the region, or what is wrong with the answer, for the model to mend */
export function readRegion(text: string, manifest: ModelManifest): Region | { problem: string } {
  const json = jsonIn(text);
  if (json === undefined) return { problem: 'The answer is no JSON.' };
  const parsed = regionSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not of the asked form'}` };
  }
  const { label, analysis, objects } = parsed.data;
  const remarks = new Map<string, number>();
  const remark = (text: string): void => void remarks.set(text, (remarks.get(text) ?? 0) + 1);
  const found: RegionObject[] = [];
  for (const [i, object] of objects.entries()) {
    const read = readObject(object, manifest, remark);
    if ('problem' in read) return { problem: `objects.${i}: ${read.problem}` };
    if (read.x2 > read.x1 && read.y2 > read.y1) found.push(read);
    else remark('A box without an area was left out');
  }
  return {
    note: {
      label: presentable(label, longest.label),
      analysis: presentable(analysis, longest.analysis),
      remarks: [...remarks].map(([text, times]) => (times === 1 ? `${text}.` : `${text} (${times} times).`)),
    },
    objects: found,
  };
}

function readObject(
  { label, box, confidence }: z.infer<typeof objectSchema>,
  manifest: ModelManifest,
  remark: (text: string) => void,
): RegionObject | { problem: string } {
  const classIndex = classOf(label, manifest);
  if (classIndex < 0) {
    const names = namesOf(manifest).map((name) => JSON.stringify(name));
    return { problem: `${JSON.stringify(label.slice(0, 80))} is none of the labels ${names.join(', ')}` };
  }
  if (![...box, confidence].every(Number.isFinite)) return { problem: 'a number is not finite' };
  if (box.some((edge) => edge < -slack || edge > 1 + slack)) {
    return {
      problem: `the box [${box.join(', ')}] is not in fractions of the picture: each number must be from 0 to 1`,
    };
  }
  if (confidence < 0 || confidence > 1) return { problem: `confidence ${confidence} is not from 0 to 1` };
  const clamped = box.map((edge) => Math.min(1, Math.max(0, edge)));
  if (clamped.some((edge, i) => edge !== box[i])) remark('A box reached over the border and was cut there');
  const [a = 0, b = 0, c = 0, d = 0] = clamped;
  if (a > c || b > d) remark('The edges of a box came in the wrong order');
  return {
    x1: Math.min(a, c),
    y1: Math.min(b, d),
    x2: Math.max(a, c),
    y2: Math.max(b, d),
    confidence,
    classIndex,
  };
}

/** By name, whatever its case; else the class that is called "other", where the description has one. */
function classOf(label: string, { classes, backgroundClass }: ModelManifest): number {
  const find = (name: string): number =>
    classes.findIndex((known, i) => i !== backgroundClass && known.name.toLowerCase() === name);
  const exact = find(label.toLowerCase());
  return exact >= 0 ? exact : find('other');
}

/** Text of a stranger: one line, bounded, without control characters. */
export function presentable(text: string, most: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 2)} …`;
}

/** What is drawn on the open case's image, and what is being drawn with. */
import { create } from 'zustand';
import type { Annotation, AnnotationView } from '../../src-main/contract/annotation.ts';

export type Rgb = readonly [number, number, number];

export interface AnnotationClass {
  name: string;
  color: Rgb;
}

/** What a run is kept out of, when it is told to keep to annotations. */
export const excludeClass = 'Exclude';

/** Safe for colour-blind eyes and told apart on stained tissue (Okabe and Ito 2008). */
export const startingClasses: readonly AnnotationClass[] = [
  { name: 'Region', color: [0, 158, 115] },
  { name: excludeClass, color: [213, 94, 0] },
  { name: 'Tumour', color: [204, 121, 167] },
  { name: 'Stroma', color: [86, 180, 233] },
  { name: 'Necrosis', color: [230, 159, 0] },
  { name: 'Other', color: [0, 114, 178] },
];

interface AnnotationState {
  items: readonly AnnotationView[];
  selected: string | null;
  /** The selected one as it is being changed by keys; null where it is not. */
  edited: Annotation | null;
  /** Class of what is drawn next. */
  drawing: AnnotationClass;
  /** What was removed last, so that it can be put back. */
  removed: readonly Annotation[];
}

export const emptyAnnotations: AnnotationState = {
  items: [],
  selected: null,
  edited: null,
  drawing: startingClasses[0] ?? { name: 'Region', color: [0, 158, 115] },
  removed: [],
};

export const useAnnotations = create<AnnotationState>()(() => emptyAnnotations);

export function selectedAnnotation({ items, selected }: AnnotationState): AnnotationView | null {
  return items.find(({ id }) => id === selected) ?? null;
}

/** The starting ones, and those that are in use. */
export function classesOf(items: readonly Pick<Annotation, 'className' | 'color'>[]): AnnotationClass[] {
  const known = new Map(startingClasses.map((known) => [known.name, known]));
  for (const { className, color } of items) {
    if (!known.has(className)) known.set(className, { name: className, color });
  }
  return [...known.values()];
}

/** What each model_type of Deepness adds to the description that all of them share. */
import type { ManifestDraft, MissingFact } from '../convention.ts';

export interface DeepnessParts {
  manifest: Omit<ManifestDraft, 'input'>;
  missing: MissingFact[];
  readFrom: Record<string, string>;
  notes: string[];
}

export const missingClasses: MissingFact = {
  fact: 'classes',
  question: 'What are the classes called, in the order of their numbers?',
};

/** Every way in which a model file describes itself, in the order in which they are asked. */
import type { ConventionReader } from '../convention.ts';
import { deepness } from './deepness.ts';
import { ultralytics } from './ultralytics.ts';

/** Deepness first: who adds its keys to a file that Ultralytics exported means that plugin, and says the resolution. */
export const insideConventions: readonly ConventionReader[] = [deepness, ultralytics];

/** Every sidecar that is known, in the order in which they are asked: what names its model's file comes before what does not. */
import type { ConventionReader } from '../convention.ts';
import { bioimageio } from './bioimageio.ts';
import { geoai } from './geoai.ts';
import { stacMlm } from './stac-mlm.ts';
import { wsinfer } from './wsinfer.ts';

export const sidecarConventions: readonly ConventionReader[] = [bioimageio, geoai, stacMlm, wsinfer];

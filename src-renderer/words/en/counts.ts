/** Numbers of things. */
import { plural } from '../../ui/format.ts';

export const counts = {
  annotations: (n: number) => plural(n, 'annotation'),
  chunks: (n: number) => plural(n, 'chunk'),
  decisions: (n: number) => plural(n, 'decision'),
  files: (n: number) => plural(n, 'file'),
  findings: (n: number) => plural(n, 'finding'),
  images: (n: number) => plural(n, 'image'),
  machines: (n: number) => plural(n, 'machine'),
  moreRuns: (n: number) => plural(n, 'more run'),
  objects: (n: number) => plural(n, 'object'),
  openRuns: (n: number) => plural(n, 'open run'),
  regions: (n: number) => plural(n, 'region'),
  reports: (n: number) => plural(n, 'report'),
  requests: (n: number) => plural(n, 'request'),
  runs: (n: number) => plural(n, 'run'),
  tiles: (n: number) => plural(n, 'tile'),
};

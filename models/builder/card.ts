/** The model card as Markdown, from the same data as the manifest. */
import type { CatalogEntry } from './catalog.ts';

const tasks = {
  classify: 'classification of tiles',
  detect: 'detection',
  segment: 'segmentation',
  regress: 'regression',
} as const;

export function modelCard({ manifest, method, measured }: CatalogEntry): string {
  const { input } = manifest;
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');
  const facts = [
    `Task: ${tasks[manifest.task]}; classes: ${manifest.classes.map((c) => c.name).join(', ')}.`,
    `Takes: ${input.bands.join(', ')}; ${manifest.files.flatMap((f) => f.imageTypes).join(' or ')}; ${
      manifest.mpp === null ? 'pixels of any size' : `${manifest.mpp} µm per pixel`
    }.`,
    `Context for an exact result: ${manifest.halo} px on each side.`,
    `Counts from a confidence of ${manifest.threshold} on (can be moved).`,
    `Licence: ${manifest.license}. Version ${manifest.version}.`,
  ];
  return [
    `# ${manifest.name} (\`${manifest.id}\`)`,
    manifest.description,
    list(facts),
    '## How it works',
    ...method,
    '## What was measured',
    measured.length === 0 ? 'Nothing yet.' : list(measured),
    '## Limits',
    list(manifest.limits),
    '## References',
    list(manifest.references),
    '## How it was made',
    `\`npm run models\` writes this folder: no weights come from elsewhere, and building again gives the same bytes.`,
    '',
  ].join('\n\n');
}

/** What the system's dialogs for files are shown with. */
import { expect, it, vi } from 'vitest';
import { saveFilters } from '../../../src-main/electron/dialogs.ts';

vi.mock('electron', () => import('./electron-stub.ts'));

it.each([
  ['slide.geojson', ['geojson']],
  ['slide.run-1.pdf', ['pdf']],
  ['slide.gigatile', ['gigatile']],
  ['overlay', null],
])('%s is saved as what it is', (name, extensions) => {
  const filters = saveFilters(name);
  expect(filters.at(-1)).toEqual({ name: 'All files', extensions: ['*'] });
  expect(filters.length === 1 ? null : filters[0]!.extensions).toEqual(extensions);
});

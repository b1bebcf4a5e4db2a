/** Whether electron-builder set the fuses of electron-builder.yml in the program: a wire of one byte a fuse behind a sentinel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './checks.ts';
import type { Platform } from './platforms.ts';

/** In the order of the wire (electronjs.org/docs/latest/tutorial/fuses); what is not named stays as Electron has it. */
const expected = {
  runAsNode: '0',
  enableCookieEncryption: '1',
  enableNodeOptionsEnvironmentVariable: '0',
  enableNodeCliInspectArguments: '0',
  enableEmbeddedAsarIntegrityValidation: '1',
  onlyLoadAppFromAsar: '1',
  loadBrowserProcessSpecificV8Snapshot: null,
  grantFileProtocolExtraPrivileges: '0',
};

const programs: Record<Platform['name'], string> = {
  linux: 'gigatile-desktop',
  win: 'Gigatile.exe',
  mac: 'Gigatile.app/Contents/Frameworks/Electron Framework.framework/Electron Framework',
};

export function checkFuses(packed: string, platform: Platform): Check {
  const program = readFileSync(join(packed, programs[platform.name]));
  const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
  const at = program.indexOf(sentinel);
  const wire = program.toString('latin1', at + sentinel.length + 2);
  const wrong = Object.entries(expected).filter(
    ([, state], index) => state !== null && wire[index] !== state,
  );
  return {
    name: 'fuses',
    ok: at >= 0 && wrong.length === 0,
    detail:
      wrong.length === 0
        ? 'set in the program as electron-builder.yml says'
        : wrong.map(([name]) => name).join(', '),
  };
}

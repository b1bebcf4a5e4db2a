/** Lets the packed application try its image codecs out, as it does at its start, each build of libvips. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './checks.ts';

const builds = ['native', 'wasm'] as const;
/** What Electron gives a utility process, as far as the test uses it. */
const parentPort = 'process.parentPort = { postMessage: (result) => console.log(JSON.stringify(result)) };';

/** @param folder what was packed, named as in Electron (unpack.ts); it is of less use afterwards */
export function checkCodecs(folder: string): Check {
  // No thread can be started from a file inside of an archive, and the WebAssembly build starts some.
  rmSync(join(folder, 'node_modules/@img/sharp-wasm32/lib'), { recursive: true });
  const problems = builds.flatMap((build) => {
    const said = tryOut(join(folder, 'out/main/codec-test.entry.js'), build);
    return said === null ? [] : [`${build}: ${said}`];
  });
  return {
    name: 'codecs',
    ok: problems.length === 0,
    detail: problems.length === 0 ? `${builds.join(' and ')} decode beside the archive` : problems.join('; '),
  };
}

function tryOut(entry: string, build: string): string | null {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(parentPort)}`, entry],
    { encoding: 'utf8', env: { ...process.env, GIGATILE_SHARP: build } },
  );
  if (status !== 0) return /^\w*Error.*$/m.exec(stderr)?.[0] ?? `ended with ${status}: ${stderr.trim()}`;
  return (JSON.parse(stdout) as { problem: string | null }).problem;
}

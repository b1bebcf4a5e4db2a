/** What leaves with a problem report: with planted names everywhere, none of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { expect, it } from 'vitest';
import type { Contract } from '../../../src-main/contract/api.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../../src-main/engine/engine.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

/** Its first inference worker dies. */
class Mortal extends ChildWorkerHost {
  #hasKilled = false;
  override fork<Out, In>(...given: Parameters<ChildWorkerHost['fork']>) {
    const worker = super.fork<Out, In>(...given);
    if (given[0] !== 'inference' || this.#hasKilled) return worker;
    this.#hasKilled = true;
    worker.onMessage(() => worker.kill());
    return worker;
  }
}

it('names nobody whose name is planted in paths, images, cases and errors, and is saved as it was seen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-problem-'));
  const slides = join(folder, 'Befunde Anna Muster');
  mkdirSync(slides);
  const image = join(slides, 'Muster, Anna 1970.png');
  writeFileSync(image, tissuePicture(300, 200).png);
  writeFileSync(join(slides, 'Kaputt-Petra.svs'), 'no image');
  const saved = join(folder, 'report.txt');
  const engine = await createEngine({
    host: new Mortal(),
    shell: { kind: 'electron', pickSavePath: () => Promise.resolve(saved) },
    dataDir: join(folder, 'data of Dr. Rosenrot'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: 'test',
  });
  try {
    const api = createRouterClient(engine.router, {
      context: {},
    }) as unknown as ContractRouterClient<Contract>;
    await api.settings.change({ reviewer: 'Dr. Rosenrot' });
    const opened = await api.cases.open({ fileId: engine.files.register(image) });
    await api.cases
      .open({ fileId: engine.files.register(join(slides, 'Kaputt-Petra.svs')) })
      .catch(() => undefined);
    // Workers that die are in the log.
    const session = engine.cases.get(opened.id);
    const run = await session.startRun('he-nuclei', { mpp: 0.5, workers: 1 });
    await run.ended;

    const { text } = await api.app.problemReport();
    const logs = readdirSync(join(folder, 'data of Dr. Rosenrot', 'logs')).map((name) =>
      readFileSync(join(folder, 'data of Dr. Rosenrot', 'logs', name), 'utf8'),
    );
    expect(logs.join('\n')).toMatch(/inference worker ended: SIGKILL/);
    expect(text).toContain('inference worker ended: SIGKILL');
    expect(text).toMatch(/works {2}node: /i);
    for (const shown of [text, ...logs]) {
      expect(shown).not.toMatch(/Muster|Anna|1970|Befunde|Rosenrot|Petra/i);
      expect(shown).not.toContain(folder);
      if (hostname().length >= 3) expect(shown).not.toContain(hostname());
      if (!['root', 'node'].includes(userInfo().username)) expect(shown).not.toContain(userInfo().username);
    }
    expect(await api.app.saveProblemReport({ text: `${text}and this` })).toEqual({ savedAs: 'report.txt' });
    expect(readFileSync(saved, 'utf8')).toBe(`${text}and this`);
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

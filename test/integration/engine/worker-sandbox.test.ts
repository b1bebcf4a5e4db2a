/** Inference workers have no network on Linux, and do their work all the same. */
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../../src-main/engine/engine.ts';
import { findSandbox, sandboxHere } from '../../../src-main/engine/worker-sandbox.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-sandbox-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the first way that works is taken; where none does, or a person wants none, it is said', () => {
  const works = (text: string) => (command: readonly string[]) => command.join(' ').includes(text);
  expect(findSandbox('linux', {}, works('unshare --net')).before).toEqual(['unshare', '--net', '--']);
  expect(findSandbox('linux', {}, works('--user')).before).toContain('--map-current-user');
  const none = [
    findSandbox('linux', {}, () => false),
    findSandbox('linux', { GIGATILE_SANDBOX: 'off' }, () => true),
    findSandbox('darwin', {}, () => true),
  ];
  for (const { before, says } of none)
    expect([before, says]).toEqual([null, expect.stringMatching(/have a network/)]);
});

it('what runs in it reaches nobody, not even this machine', async (context) => {
  const { before, says } = sandboxHere();
  if (before === null) return context.skip(says);
  const server = createServer((socket) => socket.end('here'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
  const { port } = server.address() as AddressInfo;
  const script = join(folder, 'reach.mjs');
  writeFileSync(
    script,
    `import { connect } from 'node:net';
     const socket = connect(${port}, '127.0.0.1');
     socket.on('data', () => process.send('reached'));
     socket.on('error', ({ code }) => process.send(code));`,
  );
  const ask = (execPath: string, execArgv: string[]) =>
    new Promise((answered) => {
      const child = fork(script, [], { execPath, execArgv });
      child.on('message', (message) => {
        answered(message);
        child.kill();
      });
    });
  const [program = '', ...args] = before;
  expect(await ask(process.execPath, [])).toBe('reached');
  expect(await ask(program, [...args, process.execPath])).toMatch(
    /^(ENETUNREACH|EADDRNOTAVAIL|ECONNREFUSED)$/,
  );
  server.close();
});

it('a run goes to its end in it', async (context) => {
  const { before, says } = sandboxHere();
  if (before === null) return context.skip(says);
  const image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(300, 200).png);
  const networks = new Set<string>();
  class Watched extends ChildWorkerHost {
    override fork<Out, In>(...given: Parameters<ChildWorkerHost['fork']>) {
      const worker = super.fork<Out, In>(...given);
      if (given[0] === 'inference') {
        worker.onMessage(() => {
          const { stdout } = spawnSync('readlink', [`/proc/${worker.pid ?? 0}/ns/net`], { encoding: 'utf8' });
          if (stdout !== '') networks.add(stdout);
        });
      }
      return worker;
    }
  }
  const engine = await createEngine({
    host: new Watched(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: 'test',
  });
  const session = await engine.cases.open(image, join(folder, 'a.gigatile'));
  const run = await session.startRun('he-nuclei', { mpp: 0.5, workers: 1 });
  await run.ended;
  expect(run.event().run.state).toBe('complete');
  await engine.close();
  const ours = spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout;
  expect(networks.size).toBeGreaterThan(0);
  expect(networks.has(ours)).toBe(false);
});

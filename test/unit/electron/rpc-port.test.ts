import { EventEmitter } from 'node:events';
import { os } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCall, onlyCalls } from '../../../src-main/electron/rpc-port.ts';

/** As a page's port to the engine; what is answered is kept. */
class Port extends EventEmitter {
  readonly answers: { i: string }[] = [];
  postMessage(message: unknown): void {
    this.answers.push(JSON.parse(String(message)) as { i: string });
  }
}

function serve(): Port {
  const port = new Port();
  const router = { add: os.handler(() => 2), many: os.handler(async function* () {}) };
  new RPCHandler(router).upgrade(onlyCalls(port));
  return port;
}

/** A rejection that nobody handles fails the test's file, as it would end the engine. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const call = (i: string) => JSON.stringify({ i, p: { u: '/add', b: {} } });

describe('a page’s calls', () => {
  it('are answered; what is no call is dropped, whatever it is', async () => {
    const port = serve();
    const junk = [
      null,
      undefined,
      1,
      '',
      '{',
      'null',
      '[]',
      '{"i":1}',
      '{"i":"1","p":{}}',
      {},
      [],
      new Uint8Array(9),
    ];
    const wrong = [
      { u: 'http://[' },
      { u: '//evil' },
      { u: '/%' },
      { u: '/add', h: 1 },
      { u: '/add', h: { a: 1 } },
    ];
    const calls = [
      ...wrong.map((p) => ({ i: '1', p })),
      { i: '1', t: 3 },
      { i: '1', t: 9, p: { u: '/add' } },
      { i: '1', p: { u: '/add', b: 'x'.repeat(4 * 1024 * 1024) } },
    ];
    for (const data of [...junk, ...calls.map((each) => JSON.stringify(each))]) {
      expect(isCall(data)).toBe(false);
      port.emit('message', { data });
    }
    port.emit('message', { data: call('last') });
    await expect.poll(() => port.answers.map(({ i }) => i)).toEqual(['last']);
  });

  it('end no process, however they are put together', async () => {
    const port = serve();
    const part = fc.oneof(fc.constantFrom('/add', '/many', '1', 'POST', 'GET', 3, 4), fc.jsonValue());
    const header = fc.dictionary(
      fc.constantFrom('content-type', 'standard-server', 'content-disposition'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            i: fc.constantFrom('1', '2'),
            t: part,
            p: fc.record({ u: part, m: part, h: header, b: part, e: part }, { requiredKeys: [] }),
          },
          { requiredKeys: [] },
        ),
        async (message) => {
          port.emit('message', { data: JSON.stringify(message) });
          await Promise.resolve();
        },
      ),
      { numRuns: 2000 },
    );
    await settled();
    port.emit('message', { data: call('last') });
    await expect.poll(() => port.answers.map(({ i }) => i)).toContain('last');
  });
});

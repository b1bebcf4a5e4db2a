import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../../../src-main/contract/api.ts';
import { maxMessageBytes } from '../../../src-main/web/rpc.ts';
import { rawExchange, request } from '../../support/raw-http.ts';
import { serverUnderTest, type ServerUnderTest } from './server-under-test.ts';

let web: ServerUnderTest;
beforeAll(async () => {
  web = await serverUnderTest();
});
afterAll(() => web.stop());

const handshake = (headers: Record<string, string | undefined>, path = '/rpc') =>
  rawExchange(
    web.server.port,
    request(`GET ${path}`, {
      Host: web.host,
      Origin: web.origin,
      Cookie: web.cookie,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }),
  );

const open = () =>
  new WebSocket(`ws://${web.host}/rpc`, { origin: web.origin, headers: { Cookie: web.cookie } });

describe('the WebSocket', () => {
  it('opens for the own page with a session only', async () => {
    expect((await handshake({})).status).toBe(101);
    expect((await handshake({ Origin: undefined })).status).toBe(403);
    expect((await handshake({ Origin: 'http://evil.example' })).status).toBe(403);
    expect((await handshake({ Origin: 'null' })).status).toBe(403);
    expect((await handshake({ Host: `evil.example:${web.server.port}` })).status).toBe(403);
    expect((await handshake({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await handshake({ Cookie: undefined })).status).toBe(401);
    expect((await handshake({ Cookie: `${web.cookie}x` })).status).toBe(401);
    expect((await handshake({}, `/rpc?t=${web.token}`)).status).toBe(404);
    expect((await handshake({ Cookie: undefined }, `/rpc?t=${web.token}`)).status).toBe(401);
    expect((await handshake({}, '/other')).status).toBe(404);
  });

  it('cuts off a message beyond the limit and goes on for others', async () => {
    const socket = open();
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('x'.repeat(maxMessageBytes + 1));
    expect([1006, 1009]).toContain(await closed);

    const other = open();
    const api: ContractRouterClient<Contract> = createORPCClient(
      // ws speaks the browser's WebSocket interface; its types say so in their own words.
      new RPCLink({ websocket: other as unknown as globalThis.WebSocket }),
    );
    expect(await api.app.info()).toMatchObject({ shell: 'web' });
    other.close();
  });

  it('survives frames that are no messages of the contract', async () => {
    // The RPC library tells the console of each.
    const console = vi.spyOn(globalThis.console, 'error').mockReturnValue();
    const socket = open();
    await new Promise((resolve) => socket.once('open', resolve));
    for (const junk of ['', '{', 'null', '[]', '{"i":1}', '\u0000', JSON.stringify({ i: '1', p: {} })]) {
      socket.send(junk);
    }
    socket.send(Buffer.from([0, 255, 1]));
    const api: ContractRouterClient<Contract> = createORPCClient(
      new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    );
    expect(await api.app.info()).toMatchObject({ shell: 'web' });
    expect(console.mock.calls.length).toBeGreaterThan(0);
    console.mockRestore();
    socket.close();
  });

  it('reports a defect of a procedure and tells the screen no more than that it failed', async () => {
    const socket = open();
    const api: ContractRouterClient<Contract> = createORPCClient(
      new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    );
    await expect(api.models.list()).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(web.errors).toHaveLength(1);
    socket.close();
  });
});

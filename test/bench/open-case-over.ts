/** Opens the image that a served application was started with, as its page does. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../../src-main/contract/api.ts';

/** @param url as the server printed it, with its token */
export async function openCaseOver(url: string): Promise<{ caseId: string; cookie: string }> {
  const answer = await fetch(url, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`no session: ${answer.status}`);
  const { host, origin } = new URL(url);
  const socket = new WebSocket(`ws://${host}/rpc`, { origin, headers: { Cookie: cookie } });
  try {
    const api: ContractRouterClient<Contract> = createORPCClient(
      // ws speaks the browser's WebSocket interface; its types say so in their own words.
      new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    );
    const [fileId] = (await api.app.info()).openAtStart;
    if (fileId === undefined) throw new Error('the server was started without an image');
    const { id } = await api.cases.open({ fileId });
    return { caseId: id, cookie };
  } finally {
    socket.close();
  }
}

/** The engine behind Electron's preload: two MessagePorts, one for oRPC and one for bytes. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { BytesPort } from './bytes-port.ts';
import type { Api, Connection, LinkState } from './connection.ts';
import { StateSignal } from './state-signal.ts';
import { SwitchingLink } from './switching-link.ts';

/** All that the sandboxed preload exposes. */
export interface GigatileBridge {
  /** Asks for ports; they arrive as a window message `{gigatile: 'ports'}`. */
  connect(): void;
  /** Makes a dropped file known to the engine; answers its opaque id. */
  registerDrop(file: File): Promise<string>;
}

export function connectElectron(bridge: GigatileBridge): Connection {
  const link = new SwitchingLink();
  const state = new StateSignal<LinkState>('connecting');
  let bytesPort = Promise.withResolvers<BytesPort>();
  let opened = false;

  const onMessage = (event: MessageEvent<unknown>) => {
    if (event.source !== window || !isPortsMessage(event.data)) return;
    const [rpc, bytes] = event.ports;
    if (rpc === undefined || bytes === undefined) return;
    rpc.start();
    link.use(new RPCLink({ port: rpc }));
    if (opened) bytesPort = Promise.withResolvers<BytesPort>();
    bytesPort.resolve(new BytesPort(bytes));
    opened = true;
    state.set('open');
    // The engine's process ended: ask main for the next one.
    rpc.addEventListener('close', () => {
      link.drop();
      bytesPort = Promise.withResolvers<BytesPort>();
      opened = false;
      state.set('reconnecting');
      bridge.connect();
    });
  };
  window.addEventListener('message', onMessage);
  bridge.connect();

  return {
    kind: 'electron',
    api: createORPCClient<Api>(link),
    onLinkState: (listener) => state.subscribe(listener),
    downloadUrl: () => null,
    bytes: async (path, signal) => (await bytesPort.promise).get(path, signal),
    registerDrop: (file) => bridge.registerDrop(file),
    close: () => window.removeEventListener('message', onMessage),
  };
}

function isPortsMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'gigatile' in data && data.gigatile === 'ports';
}

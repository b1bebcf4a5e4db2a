/**
 * The bridge of the sandboxed page: it can ask for ports to the engine and make a dropped file known, nothing else.
 * Paths stop here: the page only ever holds opaque ids.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels } from './channels.ts';

/** The little of the page that is used here; the rest of this room knows no DOM. */
declare const window: {
  readonly location: { readonly origin: string };
  postMessage(message: unknown, targetOrigin: string, transfer: readonly object[]): void;
};

ipcRenderer.on(channels.ports, (event) => {
  window.postMessage({ gigatile: 'ports' }, window.location.origin, event.ports);
});

contextBridge.exposeInMainWorld('gigatile', {
  /** Ports arrive as the window message `{ gigatile: 'ports' }`, `[rpc, bytes]`; call again after they have closed. */
  connect(): void {
    ipcRenderer.send(channels.connect);
  },
  /** The opaque id of a file that was dropped on the page. Rejects where the file has no place on the disk. */
  async registerDrop(file: File): Promise<string> {
    const path = webUtils.getPathForFile(file);
    if (path === '') throw new Error('Only files that lie on this computer can be opened.');
    return String(await ipcRenderer.invoke(channels.registerDrop, path));
  },
});

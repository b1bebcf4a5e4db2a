/** Picks the shell: Electron where its preload is there, the web server that sent this page otherwise. */
import type { Connection } from './connection.ts';
import { connectElectron, type GigatileBridge } from './electron-connection.ts';
import { connectWeb } from './web-connection.ts';

declare global {
  interface Window {
    readonly gigatile?: GigatileBridge;
  }
}

export function connect(): Connection {
  return window.gigatile === undefined
    ? connectWeb(new URL(document.baseURI))
    : connectElectron(window.gigatile);
}

/**
 * The stand-in for the `electron` module in the main process. What is not exported here cannot be imported by the
 * application's bundles; what is not modelled throws when it is touched.
 */
import type Electron from 'electron';
import { app, standInApp } from './app.ts';
import { portHub } from './port-hub.ts';
import {
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from './small-modules.ts';
import { killUtilityProcesses, utilityProcess } from './utility-process.ts';
import { BrowserWindow } from './browser-window.ts';

function MessageChannelMain(this: unknown) {
  const [port1, port2] = portHub.createChannel();
  return { port1, port2 };
}

const standIn = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain: MessageChannelMain as unknown as typeof Electron.MessageChannelMain,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
} satisfies Partial<typeof Electron>;

// Chromium takes its utility processes with it.
standInApp.endings.push(killUtilityProcesses);

const exported = standIn.MessageChannelMain;
export {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  exported as MessageChannelMain,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
};

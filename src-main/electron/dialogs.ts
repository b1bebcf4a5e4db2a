/** The system's own dialogs. They hang on the window where there is one. */
import { extname } from 'node:path';
import { dialog, type FileFilter, type MessageBoxOptions } from 'electron';
import { imageExtensions } from '../core/image-extensions.ts';
import type { PickKind } from '../engine/shell.ts';
import { currentWindow } from './windows.ts';

/** What each dialog shows at first. "All files" is there for images only: scanners invent extensions. */
export const fileFilters: Record<PickKind, FileFilter[]> = {
  image: [
    { name: 'Images and cases', extensions: [...imageExtensions, 'gigatile'] },
    { name: 'All files', extensions: ['*'] },
  ],
  images: [
    { name: 'Images', extensions: [...imageExtensions] },
    { name: 'All files', extensions: ['*'] },
  ],
  folder: [],
  case: [{ name: 'Gigatile cases', extensions: ['gigatile'] }],
  model: [{ name: 'Models', extensions: ['onnx', 'json'] }],
};

/** Absolute paths; empty where cancelled. */
export async function pickFiles(kind: PickKind): Promise<string[]> {
  const options = {
    filters: fileFilters[kind],
    properties: [
      kind === 'folder' ? ('openDirectory' as const) : ('openFile' as const),
      ...(kind === 'images' ? ['multiSelections' as const] : []),
    ],
  };
  const window = currentWindow();
  const answer = await (window === null
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return answer.canceled ? [] : answer.filePaths;
}

/** By the name that is suggested: Windows and macOS add its ending to a name that is typed without one. */
export function saveFilters(suggestedName: string): FileFilter[] {
  const extension = extname(suggestedName).slice(1);
  const all = { name: 'All files', extensions: ['*'] };
  return extension === ''
    ? [all]
    : [
        {
          name: extension === 'gigatile' ? 'Gigatile cases' : extension.toUpperCase(),
          extensions: [extension],
        },
        all,
      ];
}

/** An absolute path; null where cancelled. The system asks before a file is replaced. */
export async function pickSavePath(suggestedName: string): Promise<string | null> {
  const options = { defaultPath: suggestedName, filters: saveFilters(suggestedName) };
  const window = currentWindow();
  const answer = await (window === null
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return answer.canceled || answer.filePath === '' ? null : answer.filePath;
}

export async function sayGpuIsLeftAlone(): Promise<void> {
  await dialog.showMessageBox({
    type: 'info',
    message: 'The graphics processor failed several times.',
    detail:
      'The image is drawn without it, more slowly. It is not used at the next start either; the settings turn it on again.',
    buttons: ['OK'],
  });
}

export async function sayCodecsAreSlow(): Promise<void> {
  await dialog.showMessageBox({
    type: 'info',
    message: 'Some images are decoded more slowly on this computer.',
    detail:
      'The usual image library (libvips) does not work inside of this window system: it was tried out, and failed. Its WebAssembly build is used instead. It gives the same pixels; PNG, WebP, TIFF without JPEG and pictures without tiles take longer. Slides of JPEG tiles do not. “What works here” in the help menu says more.',
    buttons: ['OK'],
  });
}

export async function sayCodecsFail(): Promise<void> {
  await dialog.showMessageBox({
    type: 'warning',
    message: 'Many images cannot be decoded on this computer.',
    detail:
      'The image library (libvips) was tried out, and failed in both of its builds. Slides of JPEG tiles can still be opened. “What works here” in the help menu says more.',
    buttons: ['OK'],
  });
}

/** true: the newer version is to be fetched. */
export async function confirmDownload(version: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `Gigatile ${version} is there.`,
    detail: 'It is downloaded when you say so, and installed when you say so again.',
    buttons: ['Download', 'Not now'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

/** true: the version that was fetched is to be installed now. */
export async function confirmRestart(version: string, activeRuns: number): Promise<boolean> {
  const runs =
    activeRuns === 0
      ? ''
      : `${activeRuns === 1 ? 'A run is' : `${activeRuns} runs are`} going on: what is done so far is kept, and the case goes on from there when it is opened again. `;
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: `Restart now, to install Gigatile ${version}?`,
    detail: `${runs}It is not installed by itself when you quit later: check for updates again then.`,
    buttons: ['Restart and install', 'Later'],
    defaultId: activeRuns === 0 ? 0 : 1,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

export async function sayThatItIsNewest(version: string): Promise<void> {
  await dialog.showMessageBox({
    type: 'info',
    message: `Gigatile ${version} is the newest version.`,
    buttons: ['OK'],
  });
}

export async function sayUpdateFailed(why: string): Promise<void> {
  await dialog.showMessageBox({
    type: 'warning',
    message: 'The update could not be looked for, fetched or installed.',
    detail: `${why}\n\nNothing has changed. Try again later, or download the installer yourself.`,
    buttons: ['OK'],
  });
}

/** true: the person wants to quit although runs go on. */
export async function confirmQuit(activeRuns: number): Promise<boolean> {
  const options: MessageBoxOptions = {
    type: 'question',
    message: activeRuns === 1 ? 'A run is going on.' : `${activeRuns} runs are going on.`,
    detail: 'What is done so far is kept. Open the case again to go on from there.',
    buttons: ['Quit', 'Keep running'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  };
  const window = currentWindow();
  const answer = await (window === null
    ? dialog.showMessageBox(options)
    : dialog.showMessageBox(window, options));
  return answer.response === 0;
}

/**
 * The menu: the system's usual entries, and the commands of the screens as the window in front presents them, with the keys that they
 * have there. The screen itself listens to those keys: the menu shows them, and runs what is chosen with the mouse.
 */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../contract/screen.ts';
import { acceleratorOf } from './accelerator.ts';

export interface MenuActions {
  openFile(): void;
  newWindow(): void;
  openRecent(path: string): void;
  clearRecent(): void;
  openLink(url: string): void;
  runCommand(id: string): void;
  lookForUpdates(): void;
}

export interface MenuFacts {
  platform: NodeJS.Platform;
  isPackaged: boolean;
  /** It was packed with a server to get updates from. */
  hasUpdates: boolean;
  /** Of the window in front; empty where there is none. */
  commands: readonly MenuCommand[];
  /** The newest first. `label`: what tells it apart. */
  recent: readonly { path: string; label: string }[];
}

type Item = MenuItemConstructorOptions;
const separator: Item = { type: 'separator' };

/** Commands of the window that belong to another part of a menu than the others. */
const inFile = ['case', 'save-copy'];
const inHelp = ['keys', 'doctor', 'report-problem'];
const isSettings = 'settings';

function commandItem({ id, label, chord, enabled }: MenuCommand, mac: boolean, actions: MenuActions): Item {
  // macOS takes a menu's key away from text fields unless a modifier belongs to it.
  const shown = chord !== null && (!mac || /^(mod|alt)\+/.test(chord)) ? acceleratorOf(chord) : null;
  return {
    id,
    label: label.replaceAll('&', '&&'),
    enabled,
    ...(shown !== null && { accelerator: shown, registerAccelerator: false }),
    click: (_item, _window, event) => {
      // By its key: the screen has run it already.
      if (event.triggeredByAccelerator !== true) actions.runCommand(id);
    },
  };
}

export function menuTemplate(facts: MenuFacts, actions: MenuActions): Item[] {
  const mac = facts.platform === 'darwin';
  const byGroup = (group: MenuCommand['group']): MenuCommand[] =>
    facts.commands.filter((command) => command.group === group);
  const items = (commands: readonly MenuCommand[]): Item[] =>
    commands.map((command) => commandItem(command, mac, actions));
  const named = (ids: readonly string[]): MenuCommand[] =>
    ids.flatMap((id) => facts.commands.filter((command) => command.id === id));
  const elsewhere = new Set([...inFile, ...inHelp, isSettings, 'open']);
  const section = (label: string, group: MenuCommand['group']): Item[] => {
    const commands = byGroup(group);
    return commands.length === 0 ? [] : [{ label, submenu: items(commands) }];
  };
  const before = (list: Item[]): Item[] => (list.length === 0 ? [] : [...list, separator]);
  const windowCommands = items(byGroup('Window').filter(({ id }) => !elsewhere.has(id)));

  return [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        { id: 'open', label: '&Open…', accelerator: 'CmdOrCtrl+O', click: () => actions.openFile() },
        recentMenu(facts, actions),
        {
          id: 'new-window',
          label: '&New window',
          accelerator: 'CmdOrCtrl+Shift+N',
          click: () => actions.newWindow(),
        },
        separator,
        ...before(items(named(inFile))),
        ...before(items(named([isSettings]))),
        { role: 'close' },
        ...(mac ? [] : [{ role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...before(items(byGroup('View'))),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(facts.isPackaged ? [] : [{ role: 'reload' as const }, { role: 'toggleDevTools' as const }]),
      ],
    },
    ...section('&Run', 'Run'),
    ...section('F&indings', 'Findings'),
    ...section('&Annotations', 'Annotations'),
    ...section('&Batch', 'Batch'),
    ...section('&Machines', 'Machines'),
    windowCommands.length === 0
      ? { role: 'windowMenu' }
      : {
          role: 'window',
          label: '&Window',
          submenu: [{ role: 'minimize' }, { role: 'zoom' }, separator, ...windowCommands],
        },
    {
      role: 'help',
      submenu: [
        ...before(items(named(inHelp))),
        ...(facts.hasUpdates
          ? [{ id: 'updates', label: 'Check for &updates…', click: () => actions.lookForUpdates() }]
          : []),
        {
          id: 'qupath',
          label: 'Opening results in QuPath',
          click: () => actions.openLink('https://qupath.readthedocs.io/'),
        },
      ],
    },
  ];
}

function recentMenu({ recent }: MenuFacts, actions: MenuActions): Item {
  const files = recent.map(({ path, label }, index): Item => ({
    id: `recent-${index}`,
    label: label.replaceAll('&', '&&'),
    click: () => actions.openRecent(path),
  }));
  return {
    id: 'recent',
    label: 'Open &recent',
    enabled: files.length > 0,
    submenu: [
      ...files,
      ...(files.length === 0 ? [] : [separator]),
      { id: 'clear-recent', label: 'Clear this list', click: () => actions.clearRecent() },
    ],
  };
}

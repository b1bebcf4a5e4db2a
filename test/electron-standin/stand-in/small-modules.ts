/** dialog, Menu, shell, session, protocol, ipcMain: what they are told is kept, for tests to read and to play. */
import { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions } from 'electron';
import { assertNotReady, assertReady, standInApp } from './app.ts';
import { modelled, NotModelled } from './modelled.ts';

/* ---------- dialog: a test says what the person answers, by replacing a method ---------- */

const unscripted = (method: string) => () => {
  throw new NotModelled(`a person: no answer was scripted for dialog.${method}`);
};

/** A plain object, so that tests can replace its methods as they would with the real one. */
export const dialog = {
  showOpenDialog: unscripted('showOpenDialog'),
  showSaveDialog: unscripted('showSaveDialog'),
  showMessageBox: unscripted('showMessageBox'),
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`showErrorBox: ${title}: ${content}\n`);
  },
} as unknown as Electron.Dialog;

/* ---------- Menu ---------- */

const roles = new Set(
  'appMenu close quit editMenu resetZoom zoomIn zoomOut togglefullscreen reload toggleDevTools windowMenu window minimize zoom help'.split(
    ' ',
  ),
);

class StandInMenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly enabled: boolean;
  readonly accelerator: string | undefined;
  readonly submenu: StandInMenu | null;
  readonly click: () => void;

  constructor(options: MenuItemConstructorOptions) {
    if (options.role !== undefined && !roles.has(options.role))
      throw new NotModelled(`the role ${options.role}`);
    if (options.type !== 'separator' && options.label === undefined && options.role === undefined) {
      throw new TypeError('A menu item needs a label or a role.');
    }
    this.id = options.id;
    this.label = options.label ?? '';
    this.enabled = options.enabled ?? true;
    this.accelerator = options.accelerator;
    this.role = options.role;
    this.submenu = Array.isArray(options.submenu) ? new StandInMenu(options.submenu) : null;
    this.click = () => {
      if (options.click === undefined)
        throw new NotModelled(`what the system does for the role ${options.role}`);
      options.click(undefined as never, undefined, {});
    };
  }
}

class StandInMenu {
  static #application: StandInMenu | null = null;
  readonly items: StandInMenuItem[];

  constructor(template: MenuItemConstructorOptions[]) {
    this.items = template.map((item) => new StandInMenuItem(item));
  }

  static buildFromTemplate(template: MenuItemConstructorOptions[]): StandInMenu {
    return new StandInMenu(template);
  }

  static setApplicationMenu(menu: StandInMenu | null): void {
    StandInMenu.#application = menu;
  }

  static getApplicationMenu(): StandInMenu | null {
    return StandInMenu.#application;
  }

  getMenuItemById(id: string): StandInMenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu?.getMenuItemById(id) ?? null);
      if (found !== null) return found;
    }
    return null;
  }
}

export const Menu = StandInMenu as unknown as typeof Electron.Menu;

/* ---------- shell ---------- */

export const shell = modelled<Electron.Shell>('shell', {
  async openExternal(): Promise<void> {
    throw new NotModelled("the person's browser");
  },
});

/* ---------- safeStorage: a keychain as Linux has where no keyring runs, unless a test says otherwise ---------- */

export const safeStorage = modelled<Electron.SafeStorage>('safeStorage', {
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  getSelectedStorageBackend: () => process.env['STAND_IN_KEYRING'] ?? 'basic_text',
  async encryptStringAsync(text: string): Promise<Buffer> {
    return Buffer.from(Buffer.from(text).map((byte) => byte ^ 0x5a));
  },
  async decryptStringAsync(bytes: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    return { result: Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString(), shouldReEncrypt: false };
  },
});

/* ---------- Notification, power ---------- */

class StandInNotification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  constructor(options: { title?: string; body?: string } = {}) {
    super();
    this.title = options.title ?? '';
    this.body = options.body ?? '';
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    throw new NotModelled('a desktop that shows notifications');
  }
}

export const Notification = StandInNotification as unknown as typeof Electron.Notification;

let blockersStarted = 0;

export const powerSaveBlocker = modelled<Electron.PowerSaveBlocker>('powerSaveBlocker', {
  start: () => ++blockersStarted,
  stop: () => true,
});

/** Tests emit `suspend` and `resume`. */
export const powerMonitor = modelled<Electron.PowerMonitor>('powerMonitor', new EventEmitter());

/* ---------- screen: two displays ---------- */

const displays = [
  { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } },
  { id: 2, workArea: { x: 1920, y: 0, width: 1920, height: 1080 } },
];

export const screen = modelled<Electron.Screen>('screen', {
  getPrimaryDisplay: () => displays[0],
  getAllDisplays: () => displays,
});

/* ---------- session ---------- */

/** The handlers are not asked by anybody: tests play the page's requests against what they were given. */
const defaultSession = modelled<Electron.Session>('session.defaultSession', {
  setPermissionRequestHandler: () => undefined,
  setPermissionCheckHandler: () => undefined,
  setDevicePermissionHandler: () => undefined,
  setDisplayMediaRequestHandler: () => undefined,
});
let hasSession = false;

export const session = modelled<typeof Electron.session>('session', {
  get defaultSession() {
    assertReady('session.defaultSession');
    if (!hasSession) {
      hasSession = true;
      standInApp.emit('session-created', defaultSession);
    }
    return defaultSession;
  },
});

/* ---------- protocol ---------- */

export const protocolHandlers = new Map<string, (request: Request) => Promise<Response> | Response>();
const privileged = new Set<string>();

export const protocol = modelled<Electron.Protocol>('protocol', {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    assertNotReady('protocol.registerSchemesAsPrivileged');
    for (const { scheme, privileges } of schemes) {
      if (privileges?.standard !== true || privileges.secure !== true) {
        throw new NotModelled('a scheme that is not standard and secure');
      }
      privileged.add(scheme);
    }
  },
  handle(scheme: string, handler: (request: Request) => Promise<Response> | Response): void {
    assertReady('protocol.handle');
    if (!privileged.has(scheme)) throw new NotModelled(`the unprivileged scheme ${scheme}`);
    if (protocolHandlers.has(scheme)) throw new Error(`The scheme ${scheme} is handled already.`);
    protocolHandlers.set(scheme, handler);
  },
});

/* ---------- ipcMain ---------- */

class StandInIpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, ...given: unknown[]) => unknown>();

  handle(channel: string, handler: (event: unknown, ...given: unknown[]) => unknown): void {
    if (this.handlers.has(channel)) throw new Error(`A handler for '${channel}' is there already.`);
    this.handlers.set(channel, handler);
  }
}

export const standInIpcMain = new StandInIpcMain();
export const ipcMain = modelled<Electron.IpcMain>('ipcMain', standInIpcMain);

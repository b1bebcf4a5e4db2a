/** What a page may do beyond showing itself: nothing, except for writing to the clipboard. */
import type { App, Session, WebContents, WebFrameMain } from 'electron';
import { appOrigin } from './protocol.ts';

/** The few hosts whose https pages may be opened in the person's browser. */
export const externalHosts: ReadonlySet<string> = new Set([
  'doi.org',
  'github.com',
  'openslide.org',
  'qupath.readthedocs.io',
]);

/** Parses what is to be opened in the browser; null where it is not on the list, to the letter. */
export function allowedExternalUrl(text: string): string | null {
  if (text.length > 2000 || !URL.canParse(text)) return null;
  const url = new URL(text);
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return plain && externalHosts.has(url.hostname) ? url.href : null;
}

export function isPermitted(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}

/** Every way in which a page can ask the session for more than it has. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(isPermitted(permission)));
  session.setPermissionCheckHandler((_contents, permission) => isPermitted(permission));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
}

/** Only the top frame of the application's own page may speak to main. */
export function isTrustedSender(frame: Pick<WebFrameMain, 'origin' | 'parent'> | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === appOrigin;
}

/**
 * The page stays where it is: it navigates nowhere, opens no window and embeds no other page. Its links to the outside go
 * to the person's browser, if they are on the list.
 */
export function confineWebContents(contents: WebContents, openExternal: (url: string) => void): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const allowed = allowedExternalUrl(url);
    if (allowed !== null) openExternal(allowed);
    return { action: 'deny' };
  });
}

/** Applies it to every page that ever comes to be, not only to the ones that we make. */
export function confineAllPages(app: App, openExternal: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => confineWebContents(contents, openExternal));
}

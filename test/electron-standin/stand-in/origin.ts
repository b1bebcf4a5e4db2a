/**
 * Chromium does not know `app://` unless Electron teaches it, so the page lives at an https address that cannot exist
 * (.invalid), and main sees it as what it would be.
 */
const schemeHost = 'gigatile';
export const appScheme = 'app';
export const pageOrigin = 'https://app.gigatile.invalid';
export const electronOrigin = `${appScheme}://${schemeHost}`;

/** The address that Chromium loads for one of main's. */
export function toPageUrl(url: string): string {
  return url.startsWith(`${electronOrigin}/`) ? pageOrigin + url.slice(electronOrigin.length) : url;
}

/** The address that main sees for one of Chromium's. */
export function toElectronUrl(url: string): string {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`)
    ? electronOrigin + url.slice(pageOrigin.length)
    : url;
}

/** As WebFrameMain.origin writes it. */
export function electronOriginOf(url: string): string {
  if (url.startsWith(`${pageOrigin}/`) || url === pageOrigin) return electronOrigin;
  return URL.canParse(url) ? new URL(url).origin : 'null';
}

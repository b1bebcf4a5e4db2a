/**
 * The Content-Security-Policy of the screens, the same in every shell: only the application's own code runs, and it
 * talks to its own origin only. `blob:` and `data:` are for tiles and icons that the screens make themselves.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

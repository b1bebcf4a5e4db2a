/** Which licences what is shipped may have: those that let an Apache-2.0 application be passed on, in a hospital too. */

const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'OFL-1.1',
]);

/** Weak copyleft, for shared libraries that stay replaceable: libvips lies as a file of its own beside the application. */
const sharedLibraries: Record<string, RegExp> = { 'LGPL-3.0-or-later': /^@img\/sharp-/ };

/** @param expression SPDX: one name, or names with all AND or all OR between them */
export function isAllowed(name: string, expression: string): boolean {
  const bare = expression.replaceAll(/^\(|\)$/g, '');
  const one = (licence: string): boolean =>
    allowed.has(licence) || (sharedLibraries[licence]?.test(name) ?? false);
  const parts = bare.split(/ (?:AND|OR) /);
  return bare.includes(' AND ') ? !bare.includes(' OR ') && parts.every(one) : parts.some(one);
}

/** Packages that do not say their licence in package.json, but in a file. */
export const saidElsewhere: Record<string, string> = { 'png-js': 'MIT' };

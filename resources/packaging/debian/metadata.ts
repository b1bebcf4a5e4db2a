/** The texts that a Debian package consists of beside its files (debian.org/doc/debian-policy). */
import { usage } from '../../../src-main/cli/usage.ts';

export const maintainer = 'The Gigatile authors <authors@gigatile.invalid>';

/** @param installedBytes of all files */
export function controlFile(version: string, installedBytes: number): string {
  return `Package: gigatile
Version: ${version}
Architecture: amd64
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(installedBytes / 1024)}
Depends: libc6 (>= 2.34), libgcc-s1, libstdc++6 (>= 11)
Recommends: libopenslide1 | libopenslide0, xdg-utils
Section: science
Priority: optional
Description: review what a model says about gigapixel images
 Gigatile runs ONNX models over whole-slide images and satellite scenes,
 tile by tile and durably, and lets a person judge and report the findings.
 .
 This package holds the command line and the screens for a browser, with the
 Node.js that they run on. The desktop window is in gigatile-desktop.
`;
}

export function copyrightFile(): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Gigatile
Comment: The licences of all packages below /usr/lib/gigatile/node_modules are in
 /usr/lib/gigatile/out/renderer/licences.txt, and printed by "gigatile licences".

Files: *
Copyright: 2026 The Gigatile authors
License: Apache-2.0

Files: usr/lib/gigatile/bin/node
Copyright: 2009-2026 Node.js contributors
License: MIT and others
 Node.js is licensed under the MIT license; what it holds of others under theirs:
 https://github.com/nodejs/node/blob/main/LICENSE

License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
`;
}

/** gigatile(1), from what \`gigatile help\` prints. @param date ISO 8601 day */
export function manPage(version: string, date: string): string {
  const escape = (text: string): string =>
    text
      .replaceAll('\\', '\\e')
      .replaceAll('-', '\\-')
      .replaceAll(/^(['.])/gm, '\\&$1');
  const [, ...lines] = usage.split('\n');
  return `.TH GIGATILE 1 "${date}" "gigatile ${version}" "User Commands"
.SH NAME
gigatile \\- review what a model says about gigapixel images
.SH SYNOPSIS
.B gigatile
.I command
.RI [ arguments ]
.SH DESCRIPTION
Runs models over images that are too large to load, tile by tile and durably, and lets a person judge and report the findings.
.nf
${escape(lines.join('\n').trim())}
.fi
.SH EXIT STATUS
0 fine; 1 failed; 2 bad usage or unreadable input; 3 complete with gaps; 130 interrupted and resumable.
`;
}

/** @param date of the sources */
export function debianChangelog(version: string, date: Date): string {
  const stamp = date.toUTCString().replace('GMT', '+0000');
  return `gigatile (${version}) unstable; urgency=medium

  * What changed is in changelog.gz.

 -- ${maintainer}  ${stamp}
`;
}

/** What Debian's own builds would do otherwise: binaries lie here as their makers published them. */
export const lintianOverrides = `# Binaries are the ones that their makers publish, with the libraries that they were tested with, byte for byte.
gigatile: unstripped-binary-or-object
gigatile: embedded-library
gigatile: hardening-no-pie
`;

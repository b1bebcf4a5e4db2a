/** A real Chromium that tells of everything a person would call broken. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumPath } from './debian-packages.ts';

/** WebGL2 in software, and no traffic of the browser's own. */
const browserArguments = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-gpu-compositing',
];

/**
 * What pages draw by WebGL themselves is drawn so; only the pages are put together without shaders, which a processor emulates
 * here: three seconds of it per start of a browser, and half of all that a long test takes.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) {
    throw new Error('no Chromium: install it (apt-get install chromium) or set GIGATILE_CHROMIUM');
  }
  return chromium.launch({ executablePath, headless: true, args: browserArguments });
}

/**
 * Collects console errors and warnings of the policy, uncaught exceptions and failed requests of a page, from before its
 * first script on. A test ends with `expect(problems).toEqual([])`.
 */
export async function watchProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' || /Content.Security.Policy/i.test(text))
      problems.push(`console: ${text}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  await page.exposeFunction('reportPolicyViolation', (text: string) => problems.push(`policy: ${text}`));
  await page.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', (event) => {
      reportPolicyViolation([event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber].join(' '));
    });`,
  });
  return problems;
}

/** Holds what a page shows against WCAG 2.2 AA with axe-core. */
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Popups live at the end of the page by their library; two keys side by side read as one word. */
const rules = { region: { enabled: false }, 'label-content-name-mismatch': { enabled: false } };
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Each violation in one line: which rule, where, and what is wrong.
 * Of a page with a dialog over it, the dialog: what it covers cannot be reached, and was looked at without it.
 * @param colours only what a theme changes: the contrast
 */
export async function violations(page: Page, colours = false): Promise<string[]> {
  const runOnly = colours ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: tags };
  // Fading dialogs have other colours for a moment; what fades begins to with the second frame only.
  const isStill = `new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(() =>
    told(document.getAnimations().every(({ playState }) => playState !== 'running')))))`;
  while (!(await page.evaluate<boolean>(isStill))) await page.waitForTimeout(20);
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(
    `axe.run([...document.querySelectorAll('[role="dialog"]')].at(-1) ?? document, ${JSON.stringify({ runOnly, rules, resultTypes: ['violations'] })})`,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all, none }) => {
      const reason = [...any, ...all, ...none][0]?.message ?? '';
      return `${id}: ${target.join(' ')} (${reason})`;
    }),
  );
}

/** What differs between two screenshots, decoded by the browser itself. */
import type { Browser } from 'playwright-core';

const compare = `async ([left, right]) => {
  const pixels = async (base64) => {
    const picture = new Image();
    picture.src = 'data:image/png;base64,' + base64;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const [a, b] = [await pixels(left), await pixels(right)];
  if (a.length !== b.length) return 1;
  let differ = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 24) differ++;
  }
  return differ / (a.length / 4);
}`;

/** Share of pixels, 0-1, whose colour differs visibly. */
export async function shareOfDifferentPixels(browser: Browser, left: Buffer, right: Buffer): Promise<number> {
  const page = await browser.newPage();
  try {
    const input = JSON.stringify([left.toString('base64'), right.toString('base64')]);
    return await page.evaluate<number>(`(${compare})(${input})`);
  } finally {
    await page.close();
  }
}

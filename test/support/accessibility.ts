import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core has against the page as it stands, each as `rule: element`. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // As the browser's own tools do it, which no policy of the page forbids.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ reporter: 'v2' }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

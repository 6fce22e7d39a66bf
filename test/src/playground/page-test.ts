import test, { type ExecutionContext } from 'ava';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { CHROMIUM, testWith } from '../clients/need.js';
import { Site } from './site.js';

let opening: Promise<Site> | undefined;
/** One page at a time: frames are counted. */
let turn: Promise<void> = Promise.resolve();
test.after.always(async () => (await opening)?.close());

/** A test with a page. Its console has nothing to complain of in the end. */
export function pageTest(
  title: string,
  implementation: (t: ExecutionContext, site: Site, errors: string[]) => Promise<void>,
): void {
  testWith(CHROMIUM, title, (t, executable) => {
    opening ??= Site.open(executable);
    const site = opening;
    const run = async (): Promise<void> => {
      const errors: string[] = [];
      await implementation(t, await site, errors);
      t.deepEqual(errors, []);
    };
    const done = turn.then(run);
    turn = done.catch(() => {});
    return done;
  });
}

/** Presses a button. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** What axe-core complains of. */
export async function violationsOf(page: Page): Promise<string[]> {
  // By the debugger's protocol: the page itself lets no other script in.
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const { violations } = await loaded.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  });
}

/** What axe-core complains of, and what sticks out, on a wide page and on a narrow one. */
export async function faultsOf(page: Page, widths: readonly number[] = [1280, 360]): Promise<string[]> {
  const faults: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    faults.push(...(await violationsOf(page)).map((violation) => `${width} pixels: ${violation}`));
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(wide) > width) faults.push(`${width} pixels: something sticks out, to ${wide}`);
  }
  return faults;
}

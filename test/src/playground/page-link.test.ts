import { EXAMPLES } from '@hwbp/playground/examples';
import { type Linked, linkOf, readLink, type Scenario } from '@hwbp/playground/model';
import type { Page } from 'playwright-core';
import { composed, example, type Handle, openSetup, settled } from './page-state.js';
import { pageTest, press } from './page-test.js';

const hashOf = (page: Page): string => new URL(page.url()).hash.slice(1);

/** What the address of the page says, once it says this. */
async function linked(page: Page, wanted: Linked): Promise<Linked> {
  for (let tries = 0; tries < 100; tries++) {
    const read = await readLink(hashOf(page)).catch(() => undefined);
    if (JSON.stringify(read) === JSON.stringify(wanted)) break;
    await page.waitForTimeout(100);
  }
  return await readLink(hashOf(page));
}

const scenarioOf = (page: Page): Promise<Scenario> =>
  page.evaluate(() => (globalThis as unknown as Handle).playground.state.scenario);

async function setSeed(page: Page, seed: string): Promise<void> {
  await page.getByRole('spinbutton', { name: 'seed' }).fill(seed);
  await page.getByRole('spinbutton', { name: 'seed' }).blur();
}

pageTest(
  'a link brings everything back: what is composed, the count, and the page in front',
  async (t, site, errors) => {
    const page = await site.page(errors);
    await page.getByTestId('examples').selectOption('race');
    await composed(page, example('race'));
    await openSetup(page);
    await setSeed(page, '22');
    const scenario = { ...example('race'), seed: 22 };
    await composed(page, scenario);
    await page.getByRole('spinbutton', { name: 'to count' }).fill('37');
    await press(page, 'Go');
    await settled(page, 37);
    for (let twice = 0; twice < 2; twice++) await press(page, 'Zoom in');
    await press(page, 'Your trace');
    // Around the cursor, which stands at the end, and no fewer than ten.
    const wanted = { scenario, at: 37, show: { from: 27, to: 37 }, trace: true, origin: 'race' };
    t.deepEqual(await linked(page, wanted), wanted);
    const link = hashOf(page);
    await page.reload();
    await settled(page, 37);
    t.deepEqual(await scenarioOf(page), scenario, 'behind a reload');
    await page.context().close();

    const other = await site.page(errors, `#${link}`);
    await settled(other, 37);
    t.deepEqual(await scenarioOf(other), scenario);
    await other.locator('.trace-page').waitFor();
    await press(other, 'Simulate');
    await other
      .getByTestId('range')
      .filter({ hasText: /^27 to 37$/ })
      .waitFor();
    await other.waitForFunction(() =>
      (globalThis as unknown as Handle).document
        .querySelector('[data-testid=editor]')
        ?.shadowRoot?.textContent?.includes('counter'),
    );
    await openSetup(other);
    t.is(await other.getByRole('spinbutton', { name: 'seed' }).inputValue(), '22');
    await other.context().close();
  },
);

pageTest(
  'a link that cannot be read is told, and stays in the address; an example is there',
  async (t, site, errors) => {
    const whole = await linkOf({ scenario: example('race') });
    for (const [link, message] of [
      [whole.slice(0, 40), /the link is damaged/],
      ['2.abc', /the link is not of this page, or of a later one/],
      [`${whole}&at=x`, /'at=x' is none of/],
    ] as const) {
      const page = await site.page(errors, `#${link}`);
      t.regex((await page.getByTestId('message').textContent()) ?? '', message);
      t.deepEqual(await scenarioOf(page), EXAMPLES[0]?.scenario);
      await page.waitForTimeout(600);
      t.is(hashOf(page), link);
      await press(page, 'Step');
      await settled(page, 1);
      const wanted = { scenario: example(EXAMPLES[0]?.id ?? ''), at: 1, trace: false };
      t.deepEqual(await linked(page, wanted), wanted, 'as soon as somebody does something');
      await page.context().close();
    }
  },
);

pageTest('the browser goes back to the example before, where that stood', async (t, site, errors) => {
  const page = await site.page(errors);
  await page.getByTestId('examples').selectOption('kgdb');
  await composed(page, example('kgdb'));
  await page.getByRole('spinbutton', { name: 'to count' }).fill('50');
  await press(page, 'Go');
  await settled(page, 50);
  await page.getByTestId('examples').selectOption('guest');
  await composed(page, example('guest'));
  await page.goBack();
  await settled(page, 50);
  t.deepEqual(await scenarioOf(page), example('kgdb'));
  await page.goForward();
  await settled(page, 0);
  t.deepEqual(await scenarioOf(page), example('guest'));
  await page.context().close();
});

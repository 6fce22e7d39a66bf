import { linkOf, readLink, type Scenario } from '@hwbp/playground/model';
import type { Page } from 'playwright-core';
import { composed, example, type Handle, openSetup, settled, viewOf } from './page-state.js';
import { pageTest, press } from './page-test.js';

const message = async (page: Page): Promise<string> => (await page.getByTestId('message').textContent()) ?? '';

const broken = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const { composed: is, message: said } = (globalThis as unknown as Handle).playground.state;
    return !is && said !== undefined;
  });

pageTest(
  'what cannot be composed is told, whatever is pressed, and runs as soon as it can be',
  async (t, site, errors) => {
    const page = await site.page(errors, `#${await linkOf({ scenario: example('full') })}`);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('main: bogus r1');
    await broken(page);
    for (const name of ['Run', 'Step', 'To next hit', 'Restart']) {
      // What is off keeps the focus, and takes no press.
      await page.getByRole('button', { name, exact: true }).dispatchEvent('click');
      await page.waitForTimeout(50);
      t.regex(await message(page), /program\.s:1:7: there is no instruction 'bogus'/, name);
      t.is(await page.getByTestId('why').textContent(), 'nothing is composed', name);
    }
    t.true((await page.locator('.stale').count()) >= 2, 'what is shown is marked as older');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('main: ret');
    await page.waitForFunction(() =>
      (globalThis as unknown as Handle).playground.state.message?.includes('no symbol one'),
    );
    await page.context().close();
  },
);

pageTest('a value that cannot be is told beside its field, and changes nothing', async (t, site, errors) => {
  const page = await site.page(errors, `#${await linkOf({ scenario: example('race') })}`);
  await settled(page, 0);
  await openSetup(page);
  for (const [field, value, wrong] of [
    ['name of task 1', 'hello world', 'a name of 1 to 15 letters'],
    ['symbol of watch 1', '', 'a symbol of the program'],
    ['CPUs', '99', 'a whole number from 1 to 8'],
    ['seed', '', 'a whole number from 0 to 4294967295'],
    ['turn of a CPU', '1.5', 'a whole number from 1 to 100000'],
  ] as const) {
    const input = page.getByTestId('setup').getByLabel(field, { exact: true });
    const before = await input.inputValue();
    await input.fill(value);
    await input.blur();
    t.is(await input.getAttribute('aria-invalid'), 'true', field);
    t.true(
      (await page.locator('.wrong').allInnerTexts()).some((text) => text.startsWith(wrong)),
      field,
    );
    await input.press('Escape');
    t.is(await input.inputValue(), before, field);
  }
  t.deepEqual(await page.evaluate(() => (globalThis as unknown as Handle).playground.state.scenario), example('race'));
  await page.context().close();
});

pageTest('a program that is too long is told; the link is that of the latest that was not', async (t, site, errors) => {
  const page = await site.page(errors, `#${await linkOf({ scenario: example('race') })}`);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.insertText(`;${'x'.repeat(20_000)}\n`);
  await broken(page);
  t.is(await message(page), 'text: a program of up to 20000 characters');
  await page.waitForTimeout(600);
  t.deepEqual((await readLink(new URL(page.url()).hash.slice(1))).scenario, example('race'));
  await page.context().close();
});

pageTest('what is written in a field stays while the kernel runs', async (t, site, errors) => {
  const text = 'main: mov r0, 9000000\n.a: sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
  const busy: Scenario = { ...example('race'), text, tasks: [{ comm: 'busy', entry: 'main' }], watches: [] };
  const page = await site.page(errors, `#${await linkOf({ scenario: busy })}`);
  await settled(page, 0);
  await openSetup(page);
  await press(page, 'Run');
  const seed = page.getByRole('spinbutton', { name: 'seed' });
  await seed.fill('');
  await seed.pressSequentially('12345', { delay: 80 });
  t.is(await seed.inputValue(), '12345');
  await seed.blur();
  await composed(page, { ...busy, seed: 12345 });
  await page.context().close();
});

pageTest(
  'keys work wherever the focus is, also at the end; letters that are written are letters',
  async (t, site, errors) => {
    const page = await site.page(errors, `#${await linkOf({ scenario: example('after-x86') })}`);
    await settled(page, 0);
    await page.keyboard.press('s');
    await settled(page, 1);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForFunction(() => (globalThis as unknown as Handle).playground.state.view.ended !== undefined);
    const { count } = await viewOf(page);
    await page.keyboard.press('b');
    await page.waitForFunction(() => (globalThis as unknown as Handle).playground.state.view.ended === undefined);
    await page.keyboard.press('b');
    await settled(page, count - 1);
    await openSetup(page);
    const name = page.getByLabel('name of task 1', { exact: true });
    await name.fill('');
    await name.pressSequentially('rsb0h');
    await name.blur();
    await page.waitForFunction(() => {
      const { scenario, why } = (globalThis as unknown as Handle).playground.state;
      return why === 'loaded' && scenario.tasks[0]?.comm === 'rsb0h';
    });
    const { watches } = await page.evaluate(() => (globalThis as unknown as Handle).playground.state.scenario);
    t.is(watches[0]?.task, 'rsb0h', 'its watches go along');
    await page.context().close();
  },
);

pageTest('the limit of a session is told', async (t, site, errors) => {
  const text = 'main: mov r0, 11000000\n.a: sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
  const endless: Scenario = { ...example('race'), tasksBy: 'round-robin', quantum: 100_000, tick: 1_000_000, text };
  const scenario = { ...endless, cpus: 1, tasks: [{ comm: 'busy', entry: 'main' }], watches: [] };
  const page = await site.page(errors, `#${await linkOf({ scenario })}`);
  await settled(page, 0);
  await press(page, 'Run');
  await settled(page, 20_000_000);
  t.is(await page.getByTestId('why').textContent(), 'the page runs no more than 20,000,000 instructions');
  await press(page, 'Step back');
  await settled(page, 19_999_999);
  await press(page, 'Step back');
  await settled(page, 19_999_998);
  await page.context().close();
});

pageTest(
  'a run with a hit in every third instruction: a step, and a step back, at a million are soon there',
  async (t, site, errors) => {
    const text =
      'counter: .u64 0\nmain: mov r0, 400000\n.a: xadd r1, [counter], 1\n sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
    const base: Scenario = { ...example('race'), tasksBy: 'round-robin', text, cpus: 1 };
    const scenario: Scenario = {
      ...base,
      tasks: [{ comm: 'busy', entry: 'main' }],
      watches: [{ by: 'kernel', symbol: 'counter', access: 'w' }],
    };
    const page = await site.page(errors, `#${await linkOf({ scenario, at: 1_000_000 })}`);
    await settled(page, 1_000_000);
    const times: number[] = [];
    const timed = async (name: string, count: number): Promise<void> => {
      const began = Date.now();
      await press(page, name);
      await settled(page, count);
      times.push(Date.now() - began);
    };
    await timed('Step', 1_000_001);
    for (let back = 1; back <= 3; back++) await timed('Step back', 1_000_001 - back);
    t.log(`ms: a step ${times[0]}; the first step back ${times[1]}, then ${times.slice(2).join(', ')}`);
    t.is(
      await page.evaluate(() => (globalThis as unknown as Handle).playground.state.timeline.to),
      1_000_001,
      'what was there is there still',
    );
    t.is((await viewOf(page)).count, 999_998);
    await page.context().close();
  },
);

pageTest(
  'what is wrong stays told, whatever the kernel of before does, and wherever is clicked',
  async (t, site, errors) => {
    const text = 'counter: .u64 0\nmain: mov r0, 9000000\n.a: sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
    const tasks = [{ comm: 'busy', entry: 'main' }];
    const busy: Scenario = { ...example('race'), text, tasks, notes: [{ at: 9, text: 'Look.' }] };
    const page = await site.page(errors, `#${await linkOf({ scenario: busy })}`);
    await settled(page, 0);
    await press(page, 'Run');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.insertText(`;${'x'.repeat(20_000)}\n`);
    await broken(page);
    await page.getByRole('button', { name: 'at 9' }).click();
    await page.getByTestId('timeline').click();
    await page.waitForTimeout(500);
    t.is(await message(page), 'text: a program of up to 20000 characters');
    t.is(await page.getByTestId('why').textContent(), 'nothing is composed');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Z');
    await composed(page, busy);
    await page.getByRole('button', { name: 'at 9' }).click();
    await settled(page, 9);
    await page.context().close();
  },
);

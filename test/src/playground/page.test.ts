import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { EXAMPLES } from '@hwbp/playground/examples';
import { linkOf, type Scenario, Simulation, type StateView } from '@hwbp/playground/model';
import type { Page } from 'playwright-core';
import { SITE } from './build-site.js';
import { composed, example, type Handle, openSetup, settled, viewOf } from './page-state.js';
import { faultsOf, pageTest, press } from './page-test.js';

const root = path.join(import.meta.dirname, '../../..');

/** What of a view JSON has: what is not there is not there. */
const plain = (view: StateView): unknown => JSON.parse(JSON.stringify(view));

/** The same scenario in Node, at its end. */
function atEnd(scenario: Scenario): unknown {
  using simulation = new Simulation(scenario);
  while (simulation.ended === undefined) simulation.run(1000);
  return plain(simulation.view);
}

const ended = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => (globalThis as unknown as Handle).playground.state.view.ended !== undefined);

pageTest('every example loads and runs to its end, as in Node', async (t, site, errors) => {
  const page = await site.page(errors);
  for (const { id, scenario } of EXAMPLES) {
    await page.getByTestId('examples').selectOption(id);
    await composed(page, scenario);
    await settled(page, 0);
    await press(page, 'Run');
    await ended(page);
    t.deepEqual(plain(await viewOf(page)), atEnd(scenario), id);
  }
  await page.context().close();
});

pageTest('a step, and a step back, are what they are in Node: state for state', async (t, site, errors) => {
  for (const id of ['after-x86', 'before-arm']) {
    const scenario = example(id);
    using simulation = new Simulation(scenario);
    const states = [plain(simulation.view)];
    const page = await site.page(errors, `#${await linkOf({ scenario })}`);
    await settled(page, 0);
    t.deepEqual(plain(await viewOf(page)), states[0], `${id} at 0`);
    for (let count = 1; count <= 10; count++) {
      simulation.step();
      states.push(plain(simulation.view));
      await press(page, 'Step');
      await settled(page, count);
      t.deepEqual(plain(await viewOf(page)), states[count], `${id} at ${count}`);
    }
    for (let count = 9; count >= 0; count -= 3) {
      for (let back = 0; back < (count === 9 ? 1 : 3); back++) {
        await press(page, 'Step back');
        await settled(page, count + (count === 9 ? 0 : 2 - back));
      }
      t.deepEqual(plain(await viewOf(page)), states[count], `${id} back at ${count}`);
    }
    await page.context().close();
  }
});

pageTest('a refusal shows who holds the registers; the next hit, a count and what changed', async (t, site, errors) => {
  const page = await site.page(errors, `#${await linkOf({ scenario: example('full') })}`);
  const refusal = page.getByTestId('refusal');
  t.regex((await refusal.textContent()) ?? '', /ENOSPC at 0: kernel asked for five.*kernel for CPU 0: one\/8/);
  t.is(await refusal.locator('li').count(), 4);
  await press(page, 'To next hit');
  await settled(page, 2);
  // The fourth watch is given back at 60: its bit of DR7 goes, and nothing else of that register.
  await page.getByRole('spinbutton', { name: 'to count' }).fill('59');
  await press(page, 'Go');
  await settled(page, 59);
  await press(page, 'Step');
  await settled(page, 60);
  const changed = await page.locator('.cpu').first().locator('.chip.changed').allTextContents();
  t.deepEqual(changed, ['LEN3=0x0', 'R/W3=0x0', 'G3=0']);
  const chip = page.locator('.chip', { hasText: 'G0=1' }).first();
  t.regex(
    (await chip.getAttribute('data-tip')) ?? '',
    /^DR7\.G0 \(bit 1\) = 1: breakpoint 0 is on in every task\. Intel SDM vol\. 3 \(order 325384-083\), 18\.2\.4/,
  );
  await page.context().close();
});

pageTest('the keyboard alone runs it, and goes to a count on the timeline', async (t, site, errors) => {
  const page = await site.page(errors, `#${await linkOf({ scenario: example('kgdb') })}`);
  await page.getByRole('button', { name: 'Step', exact: true }).focus();
  for (const key of ['s', 's', 's', 'b']) await page.keyboard.press(key);
  await settled(page, 2);
  await page.keyboard.press('r');
  await ended(page);
  await page.getByRole('slider').focus();
  for (const key of ['Home', 'ArrowRight', 'Shift+ArrowRight', '+']) await page.keyboard.press(key);
  const slider = page.getByRole('slider');
  const wanted = Number(await slider.getAttribute('aria-valuenow'));
  t.true(wanted > 10);
  t.regex((await slider.getAttribute('aria-valuetext')) ?? '', /CPU 0 DR0.*: kwatch w 0x[0-9a-f]+\+8 four/);
  await page.keyboard.press('Enter');
  await settled(page, wanted);
  const { x = 0, y = 0 } = (await page.getByTestId('timeline').boundingBox()) ?? {};
  await page.mouse.move(x + 300, y + 62);
  t.regex((await page.getByTestId('hint').textContent()) ?? '', /CPU 0 DR0: /);
  await page.context().close();
});

pageTest(
  'an error of the assembly is shown at its line, and mnemonics and symbols are offered',
  async (t, site, errors) => {
    const page = await site.page(errors, `#${await linkOf({ scenario: example('race') })}`);
    const content = page.locator('.cm-content');
    await content.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('        sto');
    await page.locator('.cm-completionLabel', { hasText: 'store' }).waitFor();
    // The editor takes no Enter for an answer that comes as soon as the list does.
    await page.waitForTimeout(200);
    await page.keyboard.press('Enter');
    await page.keyboard.type(' cou');
    await page.locator('.cm-completionLabel', { hasText: 'counter' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.cm-lint-marker-error').waitFor();
    t.regex(
      (await page.getByTestId('message').textContent()) ?? '',
      /^program\.s:11:15: expected an address in brackets/,
    );
    await page.context().close();
  },
);

pageTest('a million instructions: the page goes on drawing, and can be paused', async (t, site, errors) => {
  const text =
    'counter: .u64 0\nmain: mov r0, 2000000\n.a: xadd r1, [counter], 1\n sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
  const watch = { by: 'kernel', symbol: 'counter', access: 'w' } as const;
  const busy: Scenario = {
    ...example('race'),
    tasksBy: 'round-robin',
    text,
    tasks: [{ comm: 'busy', entry: 'main' }],
    watches: [{ ...watch, from: 990_000 }],
  };
  const page = await site.page(errors, `#${await linkOf({ scenario: busy })}`);
  await page.evaluate(() => {
    const counted = { frames: 0, longest: 0, last: performance.now() };
    Object.assign(globalThis, { counted });
    const { requestAnimationFrame } = globalThis as unknown as Handle;
    const frame = (): void => {
      const now = performance.now();
      counted.frames++;
      counted.longest = Math.max(counted.longest, now - counted.last);
      counted.last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.getByRole('spinbutton', { name: 'to count' }).fill('1000000');
  await press(page, 'Go');
  await settled(page, 1_000_000);
  const counted = await page.evaluate(
    () => (globalThis as unknown as { counted: { frames: number; longest: number } }).counted,
  );
  t.log(`${counted.frames} frames, the longest took ${counted.longest.toFixed(0)} ms`);
  t.true(counted.frames >= 10, `${counted.frames} frames`);
  await press(page, 'Run');
  await press(page, 'Pause');
  await page.waitForFunction(() => !(globalThis as unknown as Handle).playground.state.running);
  t.is((await viewOf(page)).ended, undefined);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  pageTest(`axe-core finds nothing to complain of, in any example: ${colorScheme}`, async (t, site, errors) => {
    const page = await site.page(errors, '', colorScheme);
    await page.locator('.cm-content').waitFor();
    await openSetup(page);
    for (const [index, { id, scenario }] of EXAMPLES.entries()) {
      // The first one is there: to choose it again would compose it again.
      if (index > 0) await page.getByTestId('examples').selectOption(id);
      await composed(page, scenario);
      await page.keyboard.press('s');
      await settled(page, 1);
      // What can be opened is: a register's bits, what is seldom changed, what is set aside.
      await page.evaluate(`
        for (const details of document.querySelectorAll('main details')) details.open = true;
        for (const button of document.querySelectorAll('[aria-expanded=false]')) button.click();
      `);
      t.deepEqual(await faultsOf(page), [], id);
    }
    await page.context().close();
  });
}

pageTest('the first load, without the editor, has at most 300 KB when it is gzipped', async (t, site, errors) => {
  const page = await site.page(errors);
  await page.locator('.cm-content').waitFor();
  // What the browser asks for until the page is there, but for the editor, which comes behind it.
  const names = new Set(site.requests.map((url) => url.replace(/^.*\/some\/folder\//, '') || 'index.html'));
  const first = [...names].filter((name) => !/editor/.test(name));
  t.true(first.some((name) => /index-.*\.js$/.test(name)) && first.some((name) => /simulation-worker/.test(name)));
  t.false(
    first.some((name) => /trace-worker|index_bg/.test(name)),
    'what replays traces comes when it is wanted',
  );
  const size = first.reduce((sum, name) => sum + gzipSync(readFileSync(path.join(SITE, name))).length, 0);
  t.log(`${(size / 1024).toFixed(1)} KB gzipped in ${first.length} files`);
  t.true(size <= 300 * 1024, `${size} bytes`);
  await page.context().close();
});

const PICTURE = path.join(root, 'docs/playground.png');

/** Two tasks on one CPU, and registers that five owners have in turns. */
const PICTURED: Scenario = {
  ...example('kgdb'),
  title: 'Five who want four registers',
  notes: [{ at: 70, text: 'kgdb takes a register from a wide breakpoint of the kernel, and gives it back at 170.' }],
  cpus: 1,
  breakpoints: 'events',
  space: 'user',
  tick: 40,
  tasks: [
    { comm: 'left', entry: 'main' },
    { comm: 'right', entry: 'main' },
  ],
  watches: [
    { by: 'perf', symbol: 'one', access: 'w', task: 'left', pinned: true },
    { by: 'ptrace', symbol: 'two', access: 'w', task: 'right' },
    { by: 'kwatch', symbol: 'three', access: 'w', priority: 3 },
    { by: 'kernel', symbol: 'four', access: 'w' },
    { by: 'kwatch', symbol: 'five', access: 'rw', priority: 1 },
    { by: 'debugger', symbol: 'five', access: 'w', from: 70, until: 170 },
  ],
};

pageTest('a picture for the README', async (t, site, errors) => {
  const page = await site.page(errors, `#${await linkOf({ scenario: PICTURED })}`);
  await page.locator('.cm-content').waitFor();
  await page.setViewportSize({ width: 1280, height: 960 });
  await page.getByRole('spinbutton', { name: 'to count' }).fill('240');
  await press(page, 'Go');
  await settled(page, 240);
  t.deepEqual(
    (await page.locator('.legend li').allInnerTexts())
      .slice(0, 5)
      .map((owner) => owner.trim())
      .sort(),
    ['kernel', 'kgdb', 'kwatch', 'perf', 'ptrace (user debug registers)'],
  );
  await page.waitForTimeout(200);
  const bytes = await page.screenshot();
  t.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from('PNG')]);
  // Fonts differ between machines: it is written where there is none, or where somebody wants it anew.
  if (!existsSync(PICTURE) || process.env.HWBP_PICTURE === '1') writeFileSync(PICTURE, bytes);
  await page.context().close();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExecutionContext } from 'ava';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM, testWith } from '../clients/need.js';
import { violationsOf } from '../playground/page-test.js';
import { ELF, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';

const SWITCHES = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking';
const EVENTS = ['vault_total:w', 'turnover:w', 'deposit:x', 'withdraw:x', 'charge_fee:x', 'fees_by_month/8:w'];

/** Each command that writes a report: how it is called, a count at which somebody points, and what is there. */
const REPORTS = [
  {
    command: 'run',
    args: [path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts'), '--budget', '2000'],
    to: 1200,
    registers: 'DR0',
    said: /^ksym_tracer: w 0xffffffff82a05000\+4 requests_served, 0 to 1,200, held$/m,
    legend: ['ksym_tracer w requests_served', 'task', 'hit'],
  },
  {
    command: 'replay',
    args: [TRACE, '--elf', ELF, '--watch', 'vault_total:w', '--watch', 'turnover:w'],
    to: 1_339_322,
    registers: 'DR0',
    said: /^ksym_tracer: w 0x404390\+4 vault_total, 0 to 1,339,322, held$/m,
    legend: ['ksym_tracer', 'task', 'hit'],
  },
  {
    command: 'stat',
    args: [
      ...['--policy', 'flexible', '-e', EVENTS.map((symbol) => `mem:${symbol}`).join(',')],
      ...['--elf', ELF, '--', TRACE],
    ],
    to: 1_339_322,
    registers: 'DR0',
    said: /^perf: \w+ 0x[0-9a-f]+\+\d \w+.*, [\d,]+ to [\d,]+, switched$/m,
    legend: ['perf w vault_total', 'task', 'hit'],
  },
] as const;

/** A report, opened from its file by a browser that has no network. */
async function opened(browser: Browser, file: string, colorScheme: 'dark' | 'light', errors: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) errors.push(`it asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.locator('canvas').waitFor();
  return page;
}

const range = async (page: Page): Promise<readonly number[]> => {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const text = (await page.locator('.range').textContent()) ?? '';
  return (text.replaceAll(',', '').split(':')[0] ?? '').split(' to ').map(Number);
};

/** Heads of columns that leave their cell, or the section in which they are. */
const CUT = `[...document.querySelectorAll('th')]
  .filter((head) => {
    const range = document.createRange();
    range.selectNodeContents(head);
    const [words, cell] = [range.getBoundingClientRect(), head.getBoundingClientRect()];
    const { right } = head.closest('section').getBoundingClientRect();
    return words.left < cell.left - 0.5 || words.right > cell.right + 0.5 || cell.right > right + 0.5;
  })
  .map(({ textContent }) => textContent)`;

/** The timeline is moved, and tells what it has. */
async function used(t: ExecutionContext, page: Page, to: number, said: RegExp): Promise<void> {
  t.deepEqual(await range(page), [0, to]);
  const canvas = page.locator('canvas');
  const box = await canvas.boundingBox();
  if (box === null) throw new TypeError('there is a timeline');
  // The lane of the first register, in the middle: behind that of the task.
  const [x, y] = [box.x + 130 + (box.width - 130) / 2, box.y + 10 + 22 + 15];
  await page.mouse.move(x, y);
  t.regex((await page.locator('.status').textContent()) ?? '', said);
  await page.keyboard.down('Control');
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  const [from = 0, end = 0] = await range(page);
  t.true(end - from < to / 2, `${from} to ${end}`);
  t.true(Math.abs((from + end) / 2 - to / 2) < to / 50, 'what was pointed at stays');
  await page.mouse.down();
  await page.mouse.move(x + 200, y, { steps: 4 });
  await page.mouse.up();
  const [moved = 0] = await range(page);
  t.true(moved < from);
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  t.true(((await range(page))[0] ?? 0) > moved);
  await page.keyboard.press('0');
  t.deepEqual(await range(page), [0, to]);
  await page.keyboard.press('+');
  t.true(((await range(page))[1] ?? 0) < to);
  await page.keyboard.press('0');
}

for (const { command, args, to, said, legend } of REPORTS) {
  testWith(
    CHROMIUM,
    `hwbp ${command} --html: the report opens from its file, without a network`,
    async (t, executablePath) => {
      const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
      t.teardown(() => rmSync(directory, { recursive: true, force: true }));
      const file = path.join(directory, 'report.html');
      const { code, stderr } = await hwbpProcess([command, '--html', file, ...args]);
      t.is(code, 0, stderr);
      const browser = await chromium.launch({ executablePath, headless: true, args: SWITCHES.split(' ') });
      try {
        for (const scheme of ['light', 'dark'] as const) {
          const errors: string[] = [];
          const page = await opened(browser, file, scheme, errors);
          const words = await page.locator('.legend li').allInnerTexts();
          for (const one of legend) t.true(words.includes(one), `${one} is one of ${words}`);
          await used(t, page, to, said);
          for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 900 });
            t.deepEqual(await violationsOf(page), [], `${scheme}, ${width} pixels`);
            t.true(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'), `${width}`);
            t.deepEqual(await page.evaluate(CUT), [], `heads of tables are there as a whole at ${width} pixels`);
          }
          t.deepEqual(errors, []);
          await page.context().close();
        }
      } finally {
        await browser.close();
      }
    },
  );
}

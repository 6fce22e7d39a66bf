import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExecutionContext } from 'ava';
import { chromium, type Page } from 'playwright-core';
import { ELF, hwbp, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';
import { CHROMIUM, testWith } from './need.js';

const SWITCHES =
  '--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Opens a file as a user does, and tells what the page asked for and complained of. */
async function opened(
  t: ExecutionContext,
  executablePath: string,
  file: string,
  look: (page: Page) => Promise<void>,
  javaScriptEnabled = true,
): Promise<void> {
  const browser = await chromium.launch({ executablePath, headless: true, args: SWITCHES.split(' ') });
  try {
    const page = await browser.newPage({ javaScriptEnabled, viewport: { width: 1200, height: 800 } });
    const said: string[] = [];
    const asked: string[] = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (message) => said.push(message.text()));
    page.on('request', (request) => asked.push(request.url()));
    const { href } = pathToFileURL(file);
    await page.goto(href);
    await look(page);
    t.deepEqual(said, [], 'no error, and nothing that its policy forbids');
    t.deepEqual(asked, [href], 'it asks for nothing but itself');
  } finally {
    await browser.close();
  }
}

function folder(t: ExecutionContext): (name: string) => string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => path.join(directory, name);
}

/** Colours of the pixels along a lane of the canvas: how many different ones. */
const COLOURS = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) colours.add(data.slice(at, at + 3).join());
  return [...colours];
})()`;

testWith(
  CHROMIUM,
  'in Chromium a report draws, zooms and says what is pointed at, and asks for nothing',
  async (t, chromiumPath) => {
    const at = folder(t);
    const args = ['--elf', ELF, '--watch', 'vault_total:w', '--watch', 'turnover:w', '--html', at('report.html')];
    t.is((await hwbp(['replay', TRACE, ...args])).code, 0);
    await opened(t, chromiumPath, at('report.html'), async (page) => {
      const colours = await page.evaluate<string[]>(COLOURS);
      t.true(colours.includes('0,114,178') && colours.includes('230,159,0'), 'both owners have their colour');
      const box = await page.locator('canvas').boundingBox();
      if (box === null) throw new TypeError('there is a canvas');
      // The lanes are 22 pixels apart, from 10 on: the task, DR0; nothing happened that would have a lane.
      await page.mouse.move(box.x + 140, box.y + 10 + 22 + 15);
      t.is(await page.locator('.status').textContent(), 'ksym_tracer: w 0x404390+4 vault_total, 0 to 1,339,322, held');
      const axis = () => page.evaluate<string>("document.querySelector('canvas').toDataURL()");
      const before = await axis();
      await page.locator('canvas').focus();
      await page.keyboard.press('+');
      await page.waitForTimeout(100);
      const zoomed = await axis();
      t.not(zoomed, before);
      await page.keyboard.press('ArrowRight');
      await page.waitForTimeout(100);
      t.not(await axis(), zoomed);
      await page.keyboard.press('0');
      await page.waitForTimeout(100);
      t.is(await axis(), before, 'everything again');
    });
  },
);

testWith(CHROMIUM, 'without scripts a report is a picture and the tables', async (t, chromiumPath) => {
  const at = folder(t);
  t.is((await hwbp(['replay', TRACE, '--watch', '0x404390/4:w', '--html', at('report.html')])).code, 0);
  const look = async (page: Page): Promise<void> => {
    t.is(await page.locator('#timeline > svg').count(), 1);
    t.true((await page.locator('table tbody tr').count()) >= 1);
  };
  await opened(t, chromiumPath, at('report.html'), look, false);
});

testWith(
  CHROMIUM,
  'hostile names of tasks, symbols and owners are text in a report, whatever they say',
  async (t, chromiumPath) => {
    const at = folder(t);
    const hostile = '</script></text></pre><script>globalThis.owned = 1</script><img src=x onerror="owned = 1">';
    const config = `import { x86 } from '${path.join(ROOT, 'arch-x86/dist/index.js')}';
import { program } from '${path.join(ROOT, 'core/dist/index.js')}';
const hostile = ${JSON.stringify(hostile)};
export default {
  kernel: { arch: x86(), symbols: [{ name: hostile, address: 0x1000n, size: 8 }] },
  setup({ machine, breakpoints }) {
    const store = { pc: 1n, length: 1, accesses: [{ kind: 'write', address: 0x1000n, size: 8, value: 1n }] };
    const task = machine.spawn(program([store, store]), { comm: '<img src=x>' });
    for (let n = 0; n < 5; n++) {
      try {
        breakpoints.registerUser({ bp_type: 2, bp_addr: 0x1000n, bp_len: 8 }, () => {}, task, { owner: hostile });
      } catch {}
    }
  },
  report: () => hostile,
};`;
    writeFileSync(at('kernel.config.mjs'), config);
    const { code, stderr } = await hwbpProcess(['run', at('kernel.config.mjs'), '--html', at('report.html')]);
    t.is(code, 0, stderr);
    await opened(t, chromiumPath, at('report.html'), async (page) => {
      t.is(await page.evaluate('typeof globalThis.owned'), 'undefined');
      t.is(await page.locator('img').count(), 0);
      t.is(await page.locator('script').count(), 2, 'the data and the one of the page');
      t.is(await page.locator('tbody td').first().textContent(), hostile);
      t.true((await page.locator('pre').textContent())?.includes(hostile));
    });
  },
);

import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ELF, traceText } from '../replay/run-cli.js';
import { writeBigTrace } from './big-trace.js';
import { pageTest, press } from './page-test.js';
import { fileField, folderOf, openTracePage, over, saved } from './trace-page-use.js';

/** Compressed megabytes of the trace. By hand: as many as somebody wants to see. */
const MEGABYTES = Number(process.env.HWBP_TRACE_MEGABYTES ?? 20);
/** Where the ledger has vault_total. */
const VAULT = 0x404390;
/** Frames that are drawn meanwhile, however busy the machine is: a page that waits for the replay draws two. */
const LEAST_FRAMES = 20;
/** Bytes that the page's process may have more at its end than at the beginning, however large the trace is. */
const MOST_MEMORY = 400e6;

interface Frames {
  count: number;
  longest: number;
}

/** Counts frames from now on. */
const countFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const scope = globalThis as unknown as { frames: Frames; requestAnimationFrame(frame: (at: number) => void): void };
    scope.frames = { count: 0, longest: 0 };
    let last: number | undefined;
    const frame = (at: number): void => {
      if (last !== undefined) scope.frames.longest = Math.max(scope.frames.longest, at - last);
      last = at;
      scope.frames.count++;
      scope.requestAnimationFrame(frame);
    };
    scope.requestAnimationFrame(frame);
  });

const framesOf = (page: Page): Promise<Frames> =>
  page.evaluate(() => (globalThis as unknown as { frames: Frames }).frames);

/** The most memory that any of some processes had so far; `undefined` where the system does not tell. */
function mostMemory(processes: readonly number[]): number | undefined {
  const files = processes.map((id) => `/proc/${id}/status`).filter((file) => existsSync(file));
  if (files.length === 0) return undefined;
  const peaks = files.map((file) => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1]) * 1024);
  return Math.max(...peaks);
}

pageTest(
  `a trace of ${MEGABYTES} MB gzipped: the page goes on drawing, in bounded memory, and asks for nothing; cancelled, it says what it has found`,
  async (t, site, errors) => {
    t.timeout(20_000 + MEGABYTES * 5000);
    const folder = folderOf(t, []);
    const trace = path.join(folder, 'big.trace.gz');
    const began = Date.now();
    const lines = traceText().subarray(0, 20_000_000).toString('latin1');
    const instructions = [...new Set(lines.match(/^I {2}00401[0-9a-f]{3},\d+$/gm))];
    const made = await writeBigTrace(trace, MEGABYTES * 1e6, { instructions, watched: VAULT });
    const seconds = (Date.now() - began) / 1000;
    t.log(`${(statSync(trace).size / 1e6).toFixed(1)} MB, ${made.steps} instructions, made in ${seconds.toFixed(1)} s`);
    const page = await openTracePage(site, errors);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await fileField(page, 0).setInputFiles(trace);
    await fileField(page, 1).setInputFiles(ELF);
    await page.locator('.trace-page').getByLabel('watches, one a line').fill('vault_total:w');
    const before = mostMemory(await site.renderers());

    await countFrames(page);
    const start = Date.now();
    await press(page, 'Replay');
    await page.getByText(/^So far:/).waitFor();
    const progress = page.getByRole('progressbar');
    const first = Number(await progress.getAttribute('value'));
    await page.waitForFunction(
      (value) =>
        (
          globalThis as unknown as { document: { querySelector(what: string): { value: number } | null } }
        ).document.querySelector('progress')?.value !== value,
      first,
    );
    t.deepEqual(await page.getByTestId('trace-message').allTextContents(), []);
    await page.getByText(/^Replayed:/).waitFor({ timeout: MEGABYTES * 4000 });
    const took = (Date.now() - start) / 1000;
    const { count, longest } = await framesOf(page);
    const after = mostMemory(await site.renderers());
    t.log(
      `${took.toFixed(1)} s, ${count} frames (${(count / took).toFixed(0)} a second), the longest took ${longest.toFixed(0)} ms; ` +
        `memory ${((before ?? 0) / 1e6).toFixed(0)} MB, then at most ${((after ?? 0) / 1e6).toFixed(0)} MB`,
    );
    t.true(count >= LEAST_FRAMES, `${count} frames in ${took} s`);
    if (before !== undefined && after !== undefined)
      t.true(after - before < MOST_MEMORY, `${after - before} bytes more`);
    const answer = ((await page.getByTestId('answer').textContent()) ?? '').replaceAll(',', '');
    t.true(answer.includes(`${made.steps} instructions ${made.writes} hits`), answer);
    const whole = await saved(page);

    // Again, and cancelled in the middle.
    await press(page, 'Replay');
    await page.getByText(/^So far:/).waitFor();
    await page.waitForFunction((least) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(what: string): { value: number } | null };
      };
      return (document.querySelector('progress')?.value ?? 0) > least;
    }, MEGABYTES * 1e5);
    const worker = page.workers().find((one) => one.url().startsWith('blob:'));
    t.truthy(worker, 'the trace has a worker of its own');
    // It may connect to nobody, whatever is wrong with it.
    const reached: string[] = [];
    const server = createServer((request, response) => {
      reached.push(request.url ?? '');
      response.setHeader('access-control-allow-origin', '*');
      response.end();
    }).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await new Promise<void>((resolve) => server.once('listening', resolve));
    const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const sent = await worker?.evaluate(
      (url) =>
        (globalThis as unknown as { fetch(url: string): Promise<unknown> }).fetch(url).then(
          () => 'it was sent',
          (error: unknown) => String(error),
        ),
      elsewhere,
    );
    t.regex(sent ?? '', /Failed to fetch/);
    t.deepEqual(reached, []);
    await press(page, 'Cancel');
    t.deepEqual(await over(page), ['cancelled: what happened later in the trace was not looked at']);
    t.regex((await page.getByTestId('answer').textContent()) ?? '', /^So far: /);
    const part = (await saved(page)).trimEnd().split('\n');
    t.true(part.length > 2 && part.length < whole.split('\n').length);
    t.true(whole.startsWith(part.slice(0, -1).join('\n')), 'what was found until then is the beginning of it all');

    // The worker's own text comes from where the page came from, and nothing else is asked for; the browser gets the
    // page's icon again when its address changes.
    const own = /^blob:|\/some\/folder\/(?:icon\.svg|assets\/(?:trace-worker|rolldown-runtime)-[\w-]+\.js)$/;
    const others = asked.filter((url) => !own.test(url));
    t.deepEqual(others, []);
    await page.context().close();
  },
);

import { EVENT_MARKS, ownerColour } from '@hwbp/history';
import { EXAMPLES } from '@hwbp/playground/examples';
import { linkOf, type StateView } from '@hwbp/playground/model';
import { NAMES, type PackedTimeline, type Row, rowsOf } from '@hwbp/playground/timeline';
import type { Page } from 'playwright-core';
import { millionRecords } from './million-records.js';
import { pageTest, press } from './page-test.js';
import type { Site } from './site.js';

/** What the page has for its console, and what of the browser these tests use. */
interface Handle {
  readonly playground: {
    readonly state: { readonly view: StateView; readonly running: boolean; readonly timeline: PackedTimeline };
  };
}

/** An example at a count. */
async function opened(site: Site, errors: string[], id: string, at: number, scheme?: 'dark' | 'light'): Promise<Page> {
  const found = EXAMPLES.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`there is no example ${id}`);
  const page = await site.page(errors, `#${await linkOf({ scenario: found.scenario, at })}`, scheme);
  await standing(page, at);
  return page;
}

const standing = (page: Page, count: number): Promise<unknown> =>
  page.waitForFunction((wanted) => {
    const { state } = (globalThis as unknown as Handle).playground;
    return !state.running && state.view?.count === wanted;
  }, count);

/** Two frames: whatever was asked for is drawn. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** Where the rows of the picture are, from the canvas' upper left corner. */
async function rows(page: Page): Promise<readonly Row[]> {
  const timeline = await page.evaluate(() => {
    const { machines, events } = (globalThis as unknown as Handle).playground.state.timeline;
    return { machines, lanes: [...events.lanes] };
  });
  const { machines, lanes } = timeline;
  return rowsOf({ machines, events: { lanes: Int32Array.from(lanes) } } as unknown as PackedTimeline);
}

const row = async (page: Page, cpu: string, name: string): Promise<Row> => {
  const found = (await rows(page)).find((one) => one.cpu === cpu && one.name === name);
  if (found === undefined) throw new TypeError(`${cpu} has no row ${name}`);
  return found;
};

const legend = async (page: Page): Promise<readonly string[]> =>
  (await page.locator('.legend li').allInnerTexts()).map((words) => words.trim());

/** What is shown: counts from edge to edge. */
async function range(page: Page): Promise<readonly [number, number]> {
  await drawn(page);
  const text = (await page.getByTestId('range').textContent()) ?? '';
  const [from = Number.NaN, to = Number.NaN] = text.replaceAll(',', '').split(' to ').map(Number);
  return [from, to];
}

/** Where the canvas is on the page. */
async function canvas(page: Page): Promise<{ x: number; y: number; width: number }> {
  const box = await page.getByTestId('timeline').boundingBox();
  if (box === null) throw new TypeError('there is a timeline');
  return box;
}

/** Points at a share of the lanes' width, in a row; the picture's own coordinates. */
async function place(page: Page, share: number, { y, height }: Pick<Row, 'y' | 'height'>): Promise<[number, number]> {
  const box = await canvas(page);
  return [box.x + NAMES + share * (box.width - NAMES), box.y + y + height - 4];
}

async function hint(page: Page, share: number, where: Row): Promise<string> {
  await page.mouse.move(...(await place(page, share, where)));
  await drawn(page);
  return (await page.getByTestId('hint').textContent()) ?? '';
}

/** The colour of a pixel of the canvas: of a copy, as the browser complains of canvases that are read. */
async function colourAt(page: Page, share: number, where: Row): Promise<string> {
  await drawn(page);
  return await page.evaluate<string>(`(() => {
    const element = document.querySelector('[data-testid=timeline]');
    const density = element.width / element.clientWidth;
    const x = (${NAMES} + ${share} * (element.clientWidth - ${NAMES})) * density;
    const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    copy.drawImage(element, x, ${where.y + where.height - 3} * density, 1, 1, 0, 0, 1, 1);
    const { data } = copy.getImageData(0, 0, 1, 1);
    return '#' + [...data.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('');
  })()`);
}

const width = ([from = 0, to = 0]: readonly number[]): number => to - from;

pageTest('a guest stands below its host: its registers, its hits, when it came and went', async (t, site, errors) => {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await opened(site, errors, 'guest', 120, scheme);
    const all = await rows(page);
    const heading = all.findIndex(({ kind, name }) => kind === 'heading' && name === 'guest');
    t.deepEqual(
      all.slice(heading + 1).map(({ name }) => name),
      ['CPU 0', 'events', 'DR0', 'DR1', 'DR2', 'DR3'],
    );
    t.true(all.slice(0, heading).every(({ cpu }) => cpu === 'CPU 0'));
    t.deepEqual(await legend(page), ['kernel', 'guest: kernel', 'set aside', '▼ hit', 'guest enters', 'guest leaves']);
    const [own, its] = [await row(page, 'CPU 0', 'DR0'), await row(page, 'guest CPU 0', 'DR0')];
    // One of the two has the silicon; the bar of the other is pale.
    const spans = await page.evaluate(() => {
      const { away } = (globalThis as unknown as Handle).playground.state.timeline;
      return [0, 1].map((lane) => {
        const first = away.lanes[lane] ?? 0;
        return [...away.from.slice(first, away.lanes[lane + 1])].map((from, n) => [from, away.to[first + n] ?? 0]);
      });
    });
    const longest = spans.map((some) => some.reduce((best, one) => (width(one) > width(best) ? one : best)));
    const [hostAway = 0, guestAway = 0] = longest.map(([from = 0, to = 0]) => (from + to) / 2 / 120);
    t.is(await colourAt(page, guestAway, own), ownerColour(0), scheme);
    t.not(await colourAt(page, hostAway, own), ownerColour(0), scheme);
    t.is(await colourAt(page, hostAway, its), ownerColour(1), scheme);
    t.not(await colourAt(page, guestAway, its), ownerColour(1), scheme);
    const said = /^guest CPU 0 DR0: kernel rw 0x[0-9a-f]+\+8 shared: held still, from 0 to 120(, set aside)?$/;
    t.is(said.exec(await hint(page, guestAway, its))?.[1], ', set aside');
    t.regex(await hint(page, hostAway, its), /: held still, from 0 to 120$/);
    t.regex(await hint(page, hostAway, own), /^CPU 0 DR0: kernel .*, from 0 to 120, set aside$/);
    t.regex(await hint(page, 0.6, await row(page, 'guest CPU 0', 'CPU 0')), /^guest CPU 0: in-guest-1, from /);
    const [came] = await page.evaluate(() => {
      const { events } = (globalThis as unknown as Handle).playground.state.timeline;
      return [...events.from.slice(events.lanes[1], events.lanes[2])];
    });
    const marks = await row(page, 'guest CPU 0', 'events');
    t.is(await hint(page, (came ?? 0) / 120, marks), `guest CPU 0: at ${came}: guest enters`);
    t.is(await colourAt(page, (came ?? 0) / 120, marks), EVENT_MARKS['guest-entry'].colour);
    t.regex((await page.getByRole('slider').getAttribute('aria-valuetext')) ?? '', /; guest CPU 0 DR0: kernel rw/);
    await page.context().close();
  }
});

pageTest('a stop of a debugger is marked, and said', async (t, site, errors) => {
  const page = await opened(site, errors, 'ptrace-perf', 150);
  t.true((await legend(page)).includes('stop'));
  const at = await page.evaluate(() => {
    const { events, texts } = (globalThis as unknown as Handle).playground.state.timeline;
    return [...events.from].find((_, n) => texts[events.text[n] ?? 0]?.startsWith('stopped:')) ?? -1;
  });
  const marks = await row(page, 'CPU 0', 'events');
  t.is(await hint(page, at / 150, marks), `CPU 0: at ${at}: stopped: tracer, victim-1`);
  t.is(await colourAt(page, at / 150, marks), EVENT_MARKS.stop.colour);
  await page.context().close();
});

pageTest(
  'the wheel zooms around the pointer, dragging moves, a click goes there, and a step keeps the part',
  async (t, site, errors) => {
    const page = await opened(site, errors, 'kgdb', 200);
    t.deepEqual(await range(page), [0, 200]);
    const lane = await row(page, 'CPU 0', 'DR0');
    await page.mouse.move(...(await place(page, 0.5, lane)));
    const scrolled = await page.evaluate('scrollY');
    await page.keyboard.down('Control');
    for (let i = 0; i < 6; i++) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    const [from, to] = await range(page);
    t.true(to - from < 200 / 3 && to - from > 200 / 5, `${from} to ${to}`);
    t.true(Math.abs((from + to) / 2 - 100) <= 2, 'what was pointed at is where it was');
    t.is(await page.evaluate('scrollY'), scrolled, 'the page does not scroll meanwhile');

    const [x, y] = await place(page, 0.5, lane);
    await page.mouse.down();
    await page.mouse.move(x + 100, y, { steps: 5 });
    await page.mouse.up();
    const [moved, end] = await range(page);
    t.true(moved < from && Math.abs(end - moved - (to - from)) <= 1, `${moved} to ${end}`);
    t.is((await stateOf(page)).count, 200, 'dragging is no click');

    await page.mouse.click(...(await place(page, 0.25, lane)));
    const wanted = moved + 0.25 * (end - moved);
    await page.waitForFunction(() => (globalThis as unknown as Handle).playground.state.view.count < 200);
    const { count } = await stateOf(page);
    t.true(Math.abs(count - wanted) <= 2, `${count} is at ${wanted}`);
    // The history has been to 200, or is at the count: either way the part that was looked at is shown if it is there.
    await press(page, 'Step');
    await standing(page, count + 1);
    const [kept, last] = await range(page);
    t.true(last - kept <= end - moved + 1, 'it is as near as before');
    t.true(kept <= count + 1 && count + 1 <= last, 'and has where it stands');
    await press(page, 'Everything');
    const [first] = await range(page);
    t.is(first, 0);
    await page.context().close();
  },
);

const stateOf = (page: Page): Promise<StateView> =>
  page.evaluate(() => (globalThis as unknown as Handle).playground.state.view);

pageTest('two fingers zoom, one drags, and the keyboard does all of it', async (t, site, errors) => {
  const page = await opened(site, errors, 'kgdb', 200);
  const lane = await row(page, 'CPU 1', 'DR1');
  const [x, y] = await place(page, 0.5, lane);
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: number[]): Promise<unknown> =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: places.map((at, id) => ({ x: x + at, y, id })) });
  await touch('touchStart', -50, 50);
  for (let apart = 60; apart <= 200; apart += 10) await touch('touchMove', -apart, apart);
  await touch('touchEnd');
  const [from, to] = await range(page);
  t.true(to - from > 40 && to - from < 60, `${from} to ${to} of 200: four times as near`);
  t.true(Math.abs((from + to) / 2 - 100) <= 3);
  await touch('touchStart', 0);
  for (let far = 0; far <= 200; far += 20) await touch('touchMove', far);
  await touch('touchEnd');
  const [moved] = await range(page);
  t.true(moved < from, `${moved} is to the left of ${from}`);
  t.is((await stateOf(page)).count, 200, 'nothing was clicked');

  await page.getByRole('slider').focus();
  await page.keyboard.press('End');
  t.is((await range(page))[1], 200, 'what is spoken is shown');
  const [before, end] = await range(page);
  await page.keyboard.press('+');
  const [near, last] = await range(page);
  t.true(last - near < end - before);
  for (const key of ['-', '-', '-', '-']) await page.keyboard.press(key);
  t.deepEqual(await range(page), [0, 200]);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await standing(page, 0);
  await page.context().close();
});

pageTest('a million records: a frame costs what its pixels cost', async (t, site, errors) => {
  const page = await opened(site, errors, 'kgdb', 10);
  const records = 1_000_000;
  await page.evaluate(millionRecords(records));
  t.is((await range(page))[1], 4 * records);
  // Every shape that is drawn is counted, by frame.
  await page.evaluate(`
    const counted = { frames: 0, longest: 0, shapes: 0, most: 0, drawing: 0, draws: 0, slowest: 0, task: 0, last: performance.now() };
    Object.assign(globalThis, { counted });
    const { prototype } = CanvasRenderingContext2D;
    for (const name of ['fillRect', 'moveTo', 'fillText']) {
      const method = prototype[name];
      prototype[name] = function (...all) { counted.shapes++; return method.apply(this, all); };
    }
    const { requestAnimationFrame: request } = globalThis;
    globalThis.requestAnimationFrame = (frame) => request((time) => {
      const began = performance.now();
      frame(time);
      const took = performance.now() - began;
      counted.drawing += took;
      counted.draws++;
      counted.slowest = Math.max(counted.slowest, took);
    });
    const look = () => {
      const now = performance.now();
      counted.frames++;
      counted.longest = Math.max(counted.longest, now - counted.last);
      counted.last = now;
      counted.most = Math.max(counted.most, counted.shapes);
      counted.shapes = 0;
      request(look);
    };
    request(look);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counted.task = Math.max(counted.task, duration);
    }).observe({ type: 'longtask' });
  `);
  const lane = await row(page, 'CPU 0', 'DR0');
  const [x, y] = await place(page, 0.5, lane);
  await page.mouse.move(x, y);
  const seen: number[] = [];
  for (let round = 0; round < 3; round++) {
    await page.keyboard.down('Control');
    for (let i = 0; i < 30; i++) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    const [from, to] = await range(page);
    seen.push(to - from);
    await page.mouse.down();
    await page.mouse.move(x + 300, y, { steps: 20 });
    await page.mouse.move(x - 300, y, { steps: 40 });
    await page.mouse.up();
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    for (let i = 0; i < 30; i++) await page.mouse.wheel(0, 100);
    await page.keyboard.up('Control');
  }
  const counted = await page.evaluate(
    () =>
      (
        globalThis as unknown as {
          counted: Record<'frames' | 'longest' | 'most' | 'drawing' | 'draws' | 'slowest' | 'task', number>;
        }
      ).counted,
  );
  const { frames, longest, most, drawing, draws, slowest, task } = counted;
  t.log(
    `${records} hits and as many stays, 3 times in and out: ${frames} frames, the longest took ${longest.toFixed(0)} ms; ` +
      `${draws} pictures, ${(drawing / draws).toFixed(2)} ms each, at most ${slowest.toFixed(1)} ms and ${most} shapes; ` +
      `the longest task of the page took ${task.toFixed(0)} ms (0: less than 50)`,
  );
  t.true(
    seen.every((size) => size < 20_000),
    `as near as ${seen}`,
  );
  t.true(frames >= 20, `${frames} frames`);
  const { width } = await canvas(page);
  const lanes = (await rows(page)).length;
  t.true(most > width, 'something was drawn');
  t.true(most <= 3 * lanes * width, `${most} shapes on ${lanes} rows of ${width} pixels`);
  await page.context().close();
});

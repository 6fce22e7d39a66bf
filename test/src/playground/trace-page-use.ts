import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { press } from './page-test.js';
import type { Site } from './site.js';
import type { TraceCase } from './trace-cases.js';

/** Opens the page for traces. */
export async function openTracePage(site: Site, errors: string[]): Promise<Page> {
  const page = await site.page(errors);
  await page.locator('.cm-content').waitFor();
  await press(page, 'Your trace');
  await page.locator('.trace-page').waitFor();
  return page;
}

/** A folder with files, for the time of a test. */
export function folderOf(t: ExecutionContext, files: TraceCase['files']): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hwbp-trace-page-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
  return folder;
}

/** Files that somebody drags onto the page, as the browser tells the page of them. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const { x = 0, y = 0 } = (await page.locator('.trace-page').boundingBox()) ?? {};
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: x + 40, y: y + 20, data });
  await session.detach();
}

/** The `n`-th field for files: trace, program, libraries. */
export const fileField = (page: Page, n: 0 | 1 | 2) => page.locator('input[type=file]').nth(n);

/** Waits until a replay is over, one way or the other; returns what the page tells besides the answer. */
export async function over(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Cancel', disabled: true }).waitFor();
  return await page.getByTestId('trace-message').allInnerTexts();
}

/** What the page offers to save. */
export async function saved(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save').click()]);
  return readFileSync(await download.path(), 'utf8');
}

/** The rows of a table, cell by cell. */
export async function rowsOf(page: Page, table: string): Promise<string[][]> {
  const rows = await page.getByTestId(table).locator('tbody tr').all();
  return await Promise.all(
    rows.map(async (row) => (await row.locator('th, td').allTextContents()).map((cell) => cell.trim())),
  );
}

/** What is asked of the page, and of the command. */
export type Asked = Pick<TraceCase, 'files' | 'watches' | 'arch' | 'options'>;

/** The command line of a case, in the folder with its files. */
export function commandLine({ files, watches, arch, options = {} }: Asked): string[] {
  const [trace, program] = files.map(([name]) => name);
  return [
    'replay',
    trace as string,
    ...(program === undefined ? [] : ['--elf', program]),
    ...watches.flatMap((watch) => ['-w', watch]),
    ...(arch?.args ?? []),
    ...Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, `${value}`])),
  ];
}

/** Fills in what is asked, and asks it. */
export async function replay(page: Page, { watches, arch, options = {} }: Asked): Promise<string[]> {
  await page.locator('.trace-page').getByLabel('watches, one a line').fill(watches.join('\n'));
  if (arch !== undefined)
    await page.locator('.trace-page').getByLabel('architecture').selectOption({ label: arch.label });
  await page.getByRole('spinbutton', { name: 'CPUs' }).fill(options.cpus ?? '1');
  await page.getByRole('spinbutton', { name: 'tasks' }).fill(options.tasks ?? '1');
  await page
    .locator('.trace-page')
    .getByLabel('loaded at')
    .fill(options['load-bias'] ?? '');
  await page
    .locator('.trace-page')
    .getByLabel('--strict')
    .setChecked(options.strict === true);
  await press(page, 'Replay');
  return await over(page);
}

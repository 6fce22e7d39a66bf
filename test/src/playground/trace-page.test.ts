import path from 'node:path';
import type { CliResult } from '../replay/in-process.js';
import { hwbpProcess } from '../replay/run-cli.js';
import { faultsOf, pageTest } from './page-test.js';
import { TRACE_CASES } from './trace-cases.js';
import { commandLine, drop, folderOf, openTracePage, replay, rowsOf, saved } from './trace-page-use.js';

/** As `--json` has it. */
interface Summary {
  readonly hits: number;
  readonly steps: number;
  readonly sites: readonly Named[];
  readonly registers: readonly {
    readonly cpu: number;
    readonly register: string;
    readonly address: string | null;
    readonly type?: string;
    readonly length?: number;
    readonly owner?: string;
    readonly hits?: number;
  }[];
  readonly doubts: readonly { readonly cause: string }[];
}

interface Named {
  readonly symbol: string | null;
  readonly object?: string;
  readonly objectSymbol?: string | null;
  readonly pc: string;
  readonly type: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly callers?: readonly Named[];
}

/** A site for people. */
function described({ symbol, object, objectSymbol, pc, callers = [] }: Named): string {
  const name = symbol ?? (object === undefined ? pc : `${objectSymbol ?? pc} (${object})`);
  const [first, ...others] = [...callers].sort((a, b) => b.count - a.count);
  if (first === undefined) return name;
  return `${name} from ${described(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

for (const one of TRACE_CASES) {
  pageTest(`a trace ${one.what}: the answer is the command's, whole`, async (t, site, errors) => {
    const folder = folderOf(t, one.files);
    const args = commandLine(one);
    const asked = [[...args, '--json'], args].map((line) => hwbpProcess(line, undefined, folder));
    const page = await openTracePage(site, errors);
    await drop(
      page,
      one.files.map(([name]) => path.join(folder, name)),
    );
    await page
      .getByText(one.files.at(-1)?.[0] as string)
      .first()
      .waitFor();
    t.deepEqual(await replay(page, one), []);

    const [json, text] = (await Promise.all(asked)) as [CliResult, CliResult];
    t.is(await saved(page), json.stdout, 'what programs read is the same, byte for byte');
    const summary = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) as string) as Summary;
    t.deepEqual(
      (await rowsOf(page, 'sites')).map(([site, type, count, , first, last]) => [site, type, count, first, last]),
      summary.sites.map((site) => [described(site), site.type, ...[site.count, site.first, site.last].map(String)]),
    );
    t.true(
      summary.sites.some((site) => described(site).startsWith(one.name)),
      one.name,
    );
    t.deepEqual(
      (await rowsOf(page, 'registers')).map(([cpu, register, address, , ...held]) => [cpu, register, address, ...held]),
      summary.registers.map(({ cpu, register, address, type = '', length = '', owner = '', hits = '' }) =>
        [cpu, register, address ?? 'free', type, length, owner, hits].map(String),
      ),
    );
    // What people read is the same, too.
    const printed = text.stdout;
    for (const [label = '', line] of await rowsOf(page, 'heading'))
      t.true(printed.includes(`${label.padEnd(9)}${line}\n`), `${label} ${line}`);
    for (const shown of ['rare', 'counts'])
      for (const part of await page.getByTestId(shown).allTextContents())
        t.true(printed.includes(part), `${shown}: ${part} ${printed}`);
    t.is(await page.getByTestId('rare').count(), printed.includes('Look here first') ? 1 : 0);
    for (const control of ((await page.getByTestId('controls').textContent()) ?? '').split('; '))
      t.true(control === '' || printed.includes(`  ${control}\n`), control);
    const hits = ((await page.getByTestId('hits').textContent()) ?? '').split('\n');
    const lines = printed.split('\n').filter((line) => / \[\d{3}\] /.test(line) && !/^ *step /.test(line));
    t.deepEqual(
      hits.slice(0, 20).map((hit) => hit.replace(/^step \d+: /, '')),
      lines
        .slice(0, 20)
        .map((line) => line.trim())
        .concat(lines.length < 20 ? [''] : []),
    );
    t.is(summary.doubts.length > 0, one.doubtful ?? false);
    t.deepEqual(
      await page.getByTestId('doubts').locator('span').allTextContents(),
      summary.doubts.map(({ cause }) => cause),
    );
    for (const remedy of await page.getByTestId('doubts').locator('small').allTextContents())
      t.true(text.stderr.includes(remedy), remedy);
    const [unnamed] = await page.getByTestId('unnamed').allTextContents();
    const [, said] = /^(A site without a name .*)$/m.exec(printed) ?? [];
    t.is(unnamed?.split('\n')[0], said);
    if (unnamed !== undefined) t.regex(unnamed, /choose them as libraries from where the program ran: .*libc\.so\.6/);
    t.deepEqual(await faultsOf(page), []);
    await page.context().close();
  });
}

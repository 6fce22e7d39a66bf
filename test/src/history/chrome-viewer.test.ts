import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TraceEvent, TraceEventFile } from '@hwbp/history';
import test, { type ExecutionContext } from 'ava';
import { chromium } from 'playwright-core';
import { CHROMIUM, testWith } from '../clients/need.js';
import { ELF, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';

/*
 * What Chrome's own viewer makes of a file. `chrome://tracing` is left out of Debian's Chromium; what Chrome has in its
 * place, the panel "Performance" of its developer tools, reads the same format, and its importer is in every Chromium.
 */
const TOOLS = 'devtools://devtools/bundled/devtools_app.html';
const IMPORTER = 'devtools://devtools/bundled/models/trace/trace.js';
const SWITCHES = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking';

/** A slice, or an instant: process, thread, name, beginning, and how long it is. */
type Shown = readonly [process: string, thread: string, name: string, ts: number, dur: number];

/** What the viewer has. */
interface Imported {
  readonly generic: boolean;
  readonly slices: readonly Shown[];
  readonly instants: readonly Shown[];
  readonly bounds: { readonly max: number };
}

/** What of the importer is used. It runs in the browser. */
interface Importer {
  readonly TraceModel: {
    readonly Model: {
      createWithAllHandlers(): {
        parse(events: readonly TraceEvent[], config: object): Promise<void>;
        parsedTrace(index: number): {
          readonly traceEvents: readonly TraceEvent[];
          readonly data: {
            readonly Meta: {
              readonly traceIsGeneric: boolean;
              readonly traceBounds: { readonly max: number };
              readonly processNames: ReadonlyMap<number, { readonly args: { readonly name: string } }>;
              readonly threadsInProcess: ReadonlyMap<
                number,
                ReadonlyMap<number, { readonly args: { readonly name: string } }>
              >;
            };
            readonly Renderer: {
              readonly processes: ReadonlyMap<
                number,
                {
                  readonly threads: ReadonlyMap<
                    number,
                    {
                      readonly name: string;
                      readonly entries: readonly { readonly name: string; readonly ts: number; readonly dur: number }[];
                    }
                  >;
                }
              >;
            };
          };
        };
      };
    };
  };
}

async function imported(t: ExecutionContext, executablePath: string, file: string): Promise<Imported> {
  const browser = await chromium.launch({ executablePath, headless: true, args: SWITCHES.split(' ') });
  try {
    const page = await browser.newPage();
    await page.goto(TOOLS);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    const result = await page.evaluate(
      async ([text, importer]): Promise<Imported> => {
        const { TraceModel }: Importer = await import(importer);
        const model = TraceModel.Model.createWithAllHandlers();
        await model.parse((JSON.parse(text) as TraceEventFile).traceEvents, { isFreshRecording: false, metadata: {} });
        const { data, traceEvents } = model.parsedTrace(0);
        const { processNames, threadsInProcess, traceIsGeneric, traceBounds } = data.Meta;
        const processOf = (pid: number): string => processNames.get(pid)?.args.name ?? '?';
        const threadOf = (pid: number, tid: number): string => threadsInProcess.get(pid)?.get(tid)?.args.name ?? '?';
        const slices: Shown[] = [];
        for (const [pid, { threads }] of data.Renderer.processes) {
          for (const [, { name, entries }] of threads)
            for (const entry of entries) slices.push([processOf(pid), name, entry.name, entry.ts, entry.dur]);
        }
        const instants = traceEvents.flatMap((event): Shown[] =>
          event.ph === 'i' ? [[processOf(event.pid), threadOf(event.pid, event.tid), event.name, event.ts, 0]] : [],
        );
        return { generic: traceIsGeneric, slices, instants, bounds: { max: traceBounds.max } };
      },
      [file, IMPORTER] as const,
    );
    t.deepEqual(complaints, []);
    return result;
  } finally {
    await browser.close();
  }
}

/** The same by the file alone. */
function written({ traceEvents }: TraceEventFile, ph: 'X' | 'i'): readonly Shown[] {
  const names = new Map<string, string>();
  for (const event of traceEvents) {
    if (event.ph !== 'M' || !event.name.endsWith('_name')) continue;
    const whose = event.name === 'process_name' ? `${event.pid}` : `${event.pid} ${event.tid}`;
    names.set(whose, String(event.args.name));
  }
  return traceEvents.flatMap((event): Shown[] => {
    if (event.ph === 'M' || event.ph !== ph) return [];
    const { pid, tid, name, ts } = event;
    return [[names.get(`${pid}`) ?? '', names.get(`${pid} ${tid}`) ?? '', name, ts, event.ph === 'X' ? event.dur : 0]];
  });
}

const sorted = (shown: readonly Shown[]): readonly string[] => shown.map((one) => JSON.stringify(one)).sort();

function temporary(t: ExecutionContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, 'trace.json');
}

const EVENTS = ['vault_total:w', 'turnover:w', 'deposit:x', 'withdraw:x', 'charge_fee:x', 'fees_by_month/8:w'];

for (const { what, args, processes, threads } of [
  {
    what: 'hwbp run',
    args: ['run', path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts'), '--budget', '2000'],
    processes: ['CPU 0', 'CPU 1', 'CPU 2', 'CPU 3'],
    threads: ['DR0', 'task'],
  },
  {
    what: 'hwbp stat --policy flexible',
    args: [
      ...['stat', '--policy', 'flexible', '-e', EVENTS.map((symbol) => `mem:${symbol}`).join(',')],
      ...['--elf', ELF, '--', TRACE],
    ],
    processes: ['CPU 0'],
    threads: ['DR0', 'DR1', 'DR2', 'DR3', 'task'],
  },
]) {
  testWith(CHROMIUM, `${what} --trace-json: Chrome's viewer has every slice where it was`, async (t, executable) => {
    const file = temporary(t);
    const [command = '', ...rest] = args;
    const { code, stderr } = await hwbpProcess([command, '--trace-json', file, ...rest]);
    t.is(code, 0, stderr);
    const text = readFileSync(file, 'utf8');
    const parsed = JSON.parse(text) as TraceEventFile;
    const { generic, slices, instants, bounds } = await imported(t, executable, text);
    t.true(generic, 'it is taken for what it is: no recording of a page');
    t.deepEqual(sorted(slices), sorted(written(parsed, 'X')));
    t.deepEqual(sorted(instants), sorted(written(parsed, 'i')));
    t.true(instants.some(([, thread, name]) => thread === 'DR0' && name === 'hit'));
    t.deepEqual([...new Set(slices.map(([name]) => name))].sort(), processes);
    t.deepEqual([...new Set(slices.map(([, name]) => name))].sort(), threads);
    t.is(bounds.max, Number(parsed.otherData.to), 'a microsecond is an instruction');
  });
}

test('the check by the file alone knows names and times', (t) => {
  const label = { ph: 'M', pid: 1, tid: 2 } as const;
  const traceEvents: TraceEvent[] = [
    { ...label, name: 'process_name', args: { name: 'CPU 0' } },
    { ...label, name: 'thread_name', args: { name: 'DR0' } },
    { ph: 'X', name: 'me', cat: 'register', pid: 1, tid: 2, ts: 3, dur: 4, args: {} },
  ];
  const file = { traceEvents, displayTimeUnit: 'ms', otherData: {} } as const;
  t.deepEqual(written(file, 'X'), [['CPU 0', 'DR0', 'me', 3, 4]]);
  t.deepEqual(written(file, 'i'), []);
});

import { writeFileSync } from 'node:fs';
import { perfEvents } from '@hwbp/core';
import {
  eventAttr,
  MemorySink,
  PERF_RECORD_COMM,
  PERF_RECORD_MISC_KERNEL,
  PERF_RECORD_MMAP,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_IDENTIFIER,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
  Perf,
  PerfDataWriter,
  type PerfFile,
  parseEvents,
} from '@hwbp/perf';
import { play } from './play.js';

/*
 * Who stores to `visits`, for the real perf: an event on each CPU, a sample for each store.
 *
 *   node perf.js perf.data kallsyms
 *   perf script -i perf.data --kallsyms kallsyms -F comm,tid,cpu,ip,sym
 */
const [data = 'perf.data', kallsyms = 'kallsyms', ...args] = process.argv.slice(2);
const event = parseEvents('mem:visits/8:w:k')[0]?.events[0];
if (event === undefined) throw new Error('one event was written');
const fields = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
const sample = { sample_type: fields | PERF_SAMPLE_ADDR | PERF_SAMPLE_CPU, sample_id_all: true };
/** Where the kernel's text begins. */
const TEXT = 0xffff_ffff_8000_0000n;
let visits = 0n;
const open: PerfFile[] = [];
const names = new Map<number, string>([[0, 'swapper']]);

const { kernel, report } = await play(['--lock', 'none', ...args], {
  plugins: [Perf],
  kernel: { breakpointScheduler: perfEvents() },
  before: (composed) => {
    visits = composed.symbols.lookup('visits')?.address ?? 0n;
    for (const { index } of composed.machine.cpus) {
      open.push(composed.get(Perf).open({ ...eventAttr(event, () => visits), ...sample }, { pid: -1, cpu: index }));
    }
    for (const file of open) file.mmap(8);
    composed.machine.hooks.exit.add(({ pid, comm }) => void names.set(pid, comm));
  },
});

const attr = { ...eventAttr(event, () => visits), ...sample };
const sink = new MemorySink();
const writer = new PerfDataWriter(sink, { events: [{ attr, ids: open.map(({ id }) => id), name: event.text }] });
const [{ id = 0n } = {}] = open;
for (const [pid, comm] of names) {
  const who = { pid, tid: pid };
  writer.write({ type: PERF_RECORD_COMM, misc: 0, ...who, comm, sample_id: { ...who, time: 0n, cpu: 0, id } });
}
// Where the kernel's text is, as perf record says it.
const text = { addr: TEXT, len: 0x1000_0000n, pgoff: TEXT, filename: '[kernel.kallsyms]_text' };
const nobody = { pid: 0xffff_ffff, tid: 0 };
const at = { ...nobody, time: 0n, cpu: 0, id };
writer.write({ type: PERF_RECORD_MMAP, misc: PERF_RECORD_MISC_KERNEL, ...nobody, ...text, sample_id: at });
for (const file of open) for (const record of file.drain()) writer.write(record);
writer.finish();
writeFileSync(data, sink.bytes);
const texts = [{ name: '_text', address: TEXT }, ...kernel.symbols.symbols.filter(({ address }) => address >= TEXT)];
writeFileSync(kallsyms, texts.map(({ name, address }) => `${address.toString(16)} T ${name}\n`).join(''));
console.log(report);
kernel.dispose();

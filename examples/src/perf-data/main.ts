import { writeFileSync } from 'node:fs';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, perfEvents, program } from '@hwbp/core';
import {
  eventAttr,
  MemorySink,
  PERF_RECORD_COMM,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
  Perf,
  PerfDataWriter,
  parseEvents,
} from '@hwbp/perf';

const limit = 0x601040n;
const store = { pc: 0x401000n, length: 3, accesses: [{ kind: 'write' as const, address: limit, size: 4 }] };

using kernel = composeKernel({ arch: x86(), breakpointScheduler: perfEvents(), plugins: [Perf] });
const task = kernel.machine.spawn(program([store, store, store]), { comm: 'counting' });

// perf's grammar, and symbols, which perf lacks: you say where they are.
const event = parseEvents('mem:limit/4:w:u')[0]?.events[0];
if (event === undefined) throw new Error('one event was written');
const attr = {
  ...eventAttr(event, () => limit),
  sample_type: PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_CPU,
  sample_id_all: true,
};

const file = kernel.get(Perf).open(attr, { pid: task.pid }); // perf_event_open(2)
const ring = file.mmap(8); // 8 pages for samples
kernel.machine.run();
console.log(file.values()); // { value: 3n }

const sink = new MemorySink(); // or two functions of your own: write, and patch for the header
const writer = new PerfDataWriter(sink, { events: [{ attr, ids: [file.id], name: event.text }] });
const who = { pid: task.tgid, tid: task.pid };
writer.write({ type: PERF_RECORD_COMM, misc: 0, ...who, comm: task.comm, sample_id: { ...who, time: 0n, cpu: 0 } });
writer.writeBytes(ring.drainBytes());
writer.finish();
writeFileSync(process.argv[2] ?? 'perf.data', sink.bytes); // perf script -i perf.data

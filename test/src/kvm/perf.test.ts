import { HW_BREAKPOINT_W, perfEvents } from '@hwbp/core';
import {
  PERF_RECORD_MISC_CPUMODE_MASK,
  PERF_RECORD_MISC_GUEST_USER,
  PERF_RECORD_MISC_KERNEL,
  PERF_RECORD_MISC_USER,
  PERF_SAMPLE_CALLCHAIN,
  PERF_SAMPLE_IP,
  PERF_TYPE_BREAKPOINT,
  PERF_TYPE_SOFTWARE,
  Perf,
  type PerfFile,
  type PerfRecord,
} from '@hwbp/perf';
import test from 'ava';
import { DATA, nops, pair, stores, TEXT } from './support.js';

const CPU_CLOCK = 0;
const GUEST_USER_CONTEXT = BigInt.asUintN(64, -2560n);
const breakpoint = { type: PERF_TYPE_BREAKPOINT, bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 8 } as const;

/** What read(2) gives of one event. */
function reading(file: PerfFile) {
  const values = file.values();
  if (values === undefined || 'values' in values) throw new Error('not a single value');
  return values;
}

const counted = (file: PerfFile): bigint => reading(file).value;

const perfHost = (excludeGuests = false) =>
  pair({ host: { plugins: [Perf], breakpointScheduler: perfEvents({ excludeGuests }), tick: 20_000 } });

test('exclude_guest and exclude_host change nothing for breakpoints, as in Linux: a guest is never counted, the host is', (t) => {
  using p = perfHost();
  const perf = p.host.get(Perf);
  const flags = [{}, { exclude_guest: true }, { exclude_host: true }, { exclude_guest: true, exclude_host: true }];
  const files = flags.map((flag) => perf.open({ ...breakpoint, ...flag }, { pid: -1, cpu: 0 }));
  p.guest.machine.spawn(stores(50));
  p.host.machine.run();
  t.deepEqual(files.map(counted), [0n, 0n, 0n, 0n]);
  p.host.machine.spawn(stores(3));
  p.host.machine.run();
  t.deepEqual(files.map(counted), [3n, 3n, 3n, 3n]);
});

test("samples of breakpoints are the host's; a clock's sample that interrupts a guest says so, with the guest's address", (t) => {
  using p = perfHost();
  const perf = p.host.get(Perf);
  const sampling = { sample_type: PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN, sample_period: 1 };
  const watch = perf.open({ ...breakpoint, ...sampling }, { pid: -1, cpu: 0 });
  const clock = perf.open(
    { type: PERF_TYPE_SOFTWARE, config: CPU_CLOCK, ...sampling, sample_period: 20_000 },
    { pid: -1, cpu: 0 },
  );
  const rings = [watch, clock].map((file) => file.mmap(8));
  p.guest.machine.spawn(nops(200));
  p.host.machine.run();
  p.host.machine.spawn(stores(2));
  p.host.machine.run();
  const [hits = [], ticks = []] = rings.map((ring) => ring.drain(sampling));
  const mode = ({ misc }: PerfRecord): number => misc & PERF_RECORD_MISC_CPUMODE_MASK;
  t.deepEqual(hits.map(mode), [PERF_RECORD_MISC_USER, PERF_RECORD_MISC_USER]);
  const inGuest = ticks.filter((record) => mode(record) === PERF_RECORD_MISC_GUEST_USER);
  t.true(inGuest.length > 3);
  for (const record of inGuest) {
    t.like(record, { type: 9, ip: TEXT + 1n, callchain: [GUEST_USER_CONTEXT, TEXT + 1n] });
  }
  t.true(
    ticks.every((record) =>
      [PERF_RECORD_MISC_KERNEL, PERF_RECORD_MISC_USER, PERF_RECORD_MISC_GUEST_USER].includes(mode(record)),
    ),
  );
});

test("excludeGuests: the host's events are scheduled out while a guest is there: their running time stands still", (t) => {
  const running = (excludeGuests: boolean): { enabled: number; running: number; count: number } => {
    using p = perfHost(excludeGuests);
    const perf = p.host.get(Perf);
    const file = perf.open({ ...breakpoint, read_format: 3 }, { pid: -1, cpu: 0 });
    p.guest.machine.spawn(nops(500));
    p.host.machine.run();
    p.host.machine.spawn(stores(5));
    p.host.machine.run();
    const { value, time_enabled, time_running } = reading(file);
    return { enabled: Number(time_enabled), running: Number(time_running), count: Number(value) };
  };
  const linux = running(false);
  const hoped = running(true);
  t.is(linux.count, 5);
  t.is(hoped.count, 5);
  t.is(linux.running, linux.enabled);
  t.is(hoped.enabled, linux.enabled);
  t.true(hoped.running < hoped.enabled - 400_000, `${hoped.running} of ${hoped.enabled}`);
});

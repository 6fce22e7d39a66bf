import type { Kernel } from '@hwbp/core';
import type { ExecutionContext } from 'ava';
import { data, lines, load, spawnCounters, store, text } from '../programs.js';
import { type Debugger, Refused, type Seen } from './debugger.js';

/** What is debugged, and how a person goes about it. Every driver and every architecture must see the same. */
export interface Scenario {
  readonly name: string;
  /** Needs execute breakpoints in hardware. */
  readonly executes?: boolean;
  prepare(kernel: Kernel): void;
  run(t: ExecutionContext, gdb: Debugger, kernel: Kernel): Promise<void>;
}

/** gdb's machine interface calls both kinds of breakpoints by one name. */
const isBreakpoint = ({ why }: Seen): boolean => ['breakpoint', 'hbreak', 'break'].includes(why);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'hbreak: stops before the instruction, each time round',
    executes: true,
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.hbreak(text() + 8n);
      for (const value of [0n, 1n, 2n]) {
        const seen = await gdb.continue();
        t.true(isBreakpoint(seen));
        t.deepEqual([seen.thread, seen.pc], [1, text() + 8n]);
        t.is(await gdb.read(data()), value);
      }
    },
  },
  {
    name: 'break: a software breakpoint stops before the instruction, each time round',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.break(text() + 8n);
      for (const value of [0n, 1n, 2n]) {
        const seen = await gdb.continue();
        t.true(isBreakpoint(seen));
        t.deepEqual([seen.thread, seen.pc], [1, text() + 8n]);
        t.is(await gdb.read(data()), value);
      }
    },
  },
  {
    name: 'hbreak with a condition: stops once it holds',
    executes: true,
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.hbreak(text(), { address: data(), above: 6n });
      t.true(isBreakpoint(await gdb.continue()));
      t.is(await gdb.read(data()), 7n);
    },
  },
  {
    name: 'watch: each change, with the old and the new value, behind the instruction',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.watch('watch', data());
      for (const value of [0n, 1n, 2n]) {
        t.deepEqual(await gdb.continue(), { why: 'watch', thread: 1, pc: text() + 12n, values: [value, value + 1n] });
      }
    },
  },
  {
    name: 'watch: a store that changes nothing is no change, a load is none',
    prepare: (kernel) => {
      const stores = [store(data(), 5n), store(data(), 5n), load(data()), store(data(), 6n)];
      kernel.machine.spawn(lines([...stores.map((access) => ({ accesses: [access] })), {}, {}]));
    },
    async run(t, gdb) {
      await gdb.watch('watch', data());
      t.deepEqual((await gdb.continue()).values, [0n, 5n]);
      t.deepEqual(await gdb.continue(), { why: 'watch', thread: 1, pc: text() + 16n, values: [5n, 6n] });
      t.is((await gdb.continue()).why, 'exited 0');
    },
  },
  {
    name: 'rwatch: loads, not stores',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.watch('rwatch', data());
      for (const value of [0n, 1n, 2n]) {
        t.deepEqual(await gdb.continue(), { why: 'rwatch', thread: 1, pc: text() + 8n, values: [value] });
      }
    },
  },
  {
    name: 'awatch: loads and stores',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.watch('awatch', data());
      t.deepEqual(await gdb.continue(), { why: 'awatch', thread: 1, pc: text() + 8n, values: [0n] });
      t.deepEqual(await gdb.continue(), { why: 'awatch', thread: 1, pc: text() + 12n, values: [0n, 1n] });
      t.deepEqual(await gdb.continue(), { why: 'awatch', thread: 1, pc: text() + 8n, values: [1n] });
    },
  },
  {
    name: 'stepi: one instruction at a time, into a watch',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.step();
      for (const offset of [8n, 12n, 0n, 4n]) {
        const seen = await gdb.step();
        t.deepEqual([seen.why, seen.pc], ['step', text() + offset]);
      }
      await gdb.watch('watch', data());
      await gdb.step();
      const seen = await gdb.step();
      t.deepEqual([seen.why, seen.pc, seen.values], ['watch', text() + 12n, [1n, 2n]]);
    },
  },
  {
    name: 'a watch that another CPU hits: the debugger switches to it',
    prepare: (kernel) => spawnCounters(kernel, 2),
    async run(t, gdb) {
      t.deepEqual(await gdb.threads(), ['CPU 0 worker0-1', 'CPU 1 worker1-2']);
      await gdb.watch('watch', data(1));
      t.deepEqual(await gdb.continue(), { why: 'watch', thread: 2, pc: text(1) + 12n, values: [0n, 1n] });
      t.is(await gdb.read(data(1)), 1n);
    },
  },
  {
    name: 'set var: the program goes on with what was set',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      await gdb.break(text());
      await gdb.continue();
      await gdb.write(data(), 1000n);
      t.is(await gdb.read(data()), 1000n);
      await gdb.continue();
      t.is(await gdb.read(data()), 1001n);
    },
  },
  {
    name: 'Ctrl-C: a running target stops, and goes on',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb) {
      t.is((await gdb.interrupted()).why, 'SIGINT');
      const before = await gdb.read(data());
      t.true(before > 0n);
      await gdb.break(text() + 4n);
      t.true(isBreakpoint(await gdb.continue()));
    },
  },
  {
    name: 'detach and attach again: the target ran on meanwhile, unseen',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb, kernel) {
      await gdb.watch('watch', data());
      await gdb.continue();
      await gdb.clear();
      const { hits } = { hits: kernel.machine.cpu(0).instructions };
      await gdb.reattach();
      t.true(kernel.machine.cpu(0).instructions > hits);
      const value = await gdb.read(data());
      t.true(value > 1n);
      await gdb.watch('watch', data());
      t.deepEqual((await gdb.continue()).values, [value, value + 1n]);
    },
  },
  {
    name: 'too many watches: refused, with the reason behind monitor why; with one less it goes on',
    prepare: (kernel) => spawnCounters(kernel, 1),
    async run(t, gdb, kernel) {
      const { data: most } = kernel.breakpoints.manifest.slots;
      for (let i = 0; i <= most; i++) await gdb.watch('watch', data() + 16n * BigInt(i));
      const error = await t.throwsAsync(gdb.continue());
      t.true(error instanceof Refused);
      t.regex(await gdb.monitor('why'), new RegExp(`^ENOSPC: .*${most} of ${most} are taken by kgdb`));
      await gdb.clear();
      for (let i = 0; i < most; i++) await gdb.watch('watch', data() + 16n * BigInt(i));
      t.deepEqual((await gdb.continue()).values, [0n, 1n]);
    },
  },
  {
    name: 'the end of the program',
    prepare: (kernel) => spawnCounters(kernel, 2, 3),
    async run(t, gdb) {
      await gdb.watch('watch', data(1));
      for (const value of [1n, 2n, 3n]) t.is((await gdb.continue()).values?.[1], value);
      t.is((await gdb.continue()).why, 'exited 0');
    },
  },
];

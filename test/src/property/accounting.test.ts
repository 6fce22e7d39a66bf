import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  directScheduler,
  type HwBreakpointAttr,
  type Modification,
  type Plugin,
  perfEvents,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { AccountingDriver } from './support/accounting-driver.js';
import { check } from './support/check.js';
import { fakeArch } from './support/fake-arch.js';
import { type Operation, operation as operationOn } from './support/operation.js';

const CPUS = 3;

/** Mostly what x86 takes, sometimes not: reads alone, no type, all types, odd lengths, misaligned addresses. */
const type = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(2, 3, 4) }, fc.constantFrom(0, 1, 5, 7));
const address = fc.oneof(
  { weight: 6, arbitrary: fc.nat(8).map((n) => 0x1000n + 8n * BigInt(n)) },
  fc.constant(0x1003n),
);
const fitting = (bp_type: number) =>
  bp_type === 4 ? fc.constantFrom(8, 8, 8, 8, 1) : fc.constantFrom(1, 2, 4, 8, 8, 3);
const attr: fc.Arbitrary<HwBreakpointAttr> = type.chain((bp_type) =>
  fc.record({ bp_type: fc.constant(bp_type), bp_addr: address, bp_len: fitting(bp_type), disabled: fc.boolean() }),
);
const modification: fc.Arbitrary<Modification> = fc.oneof(
  attr,
  fc.record({ bp_addr: address }),
  fc.record({ disabled: fc.boolean() }),
  fc.record({ bp_type: type }),
);
const target = fc.oneof(
  fc.record({ kind: fc.constant('task' as const), task: fc.nat(7), cpu: fc.integer({ min: -1, max: CPUS - 1 }) }),
  fc.record({ kind: fc.constant('task' as const), task: fc.nat(7), cpu: fc.constant(-1) }),
  fc.record({ kind: fc.constant('cpu' as const), cpu: fc.nat(CPUS - 1) }),
);

const operation = <T extends readonly unknown[]>(
  name: keyof AccountingDriver & string,
  apply: (driver: AccountingDriver, ...args: T) => void,
  ...args: { [K in keyof T]: fc.Arbitrary<T[K]> }
) => operationOn<AccountingDriver, T>(name, apply, ...args);

const index = fc.nat(15);
const cpu = fc.nat(CPUS - 1);
const operations: fc.Arbitrary<Operation<AccountingDriver>[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: operation('register', (driver, to, what) => driver.register(to, what), target, attr) },
    { weight: 2, arbitrary: operation('registerWide', (driver, what) => driver.registerWide(what), attr) },
    { weight: 1, arbitrary: operation('reserve', (driver, where, what) => driver.reserve(where, what), cpu, attr) },
    { weight: 4, arbitrary: operation('unregister', (driver, which) => driver.unregister(which), index) },
    { weight: 1, arbitrary: operation('unregisterWide', (driver, which) => driver.unregisterWide(which), index) },
    { weight: 5, arbitrary: operation('modify', (driver, n, what) => driver.modify(n, what), index, modification) },
    { weight: 2, arbitrary: operation('toggle', (driver, n, on) => driver.toggle(n, on), index, fc.boolean()) },
    { weight: 1, arbitrary: operation('exit', (driver, task) => driver.exit(task), index) },
    { weight: 1, arbitrary: operation('fork', (driver, task) => driver.fork(task), index) },
    { weight: 2, arbitrary: operation('move', (driver, task, to) => driver.move(task, to), index, cpu) },
    { weight: 4, arbitrary: operation('run', (driver, budget) => driver.run(budget), fc.integer({ min: 1, max: 60 })) },
    { weight: 2, arbitrary: operation('setOnline', (driver, n, on) => driver.setOnline(n, on), cpu, fc.boolean()) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

const ANSWERS = ['ok', 'ENOSPC', 'EINVAL', 'ENODEV', 'ESRCH'];
const SUBJECTS: readonly (readonly [string, () => Architecture, Plugin, number, (readonly string[])?])[] = [
  ["x86's 4 shared registers", x86, directScheduler(), 250],
  ['2 data and 1 instruction registers in pools of their own', fake(2, 1), directScheduler(), 120],
  ['3 data registers and none for instructions', fake(3, 0), directScheduler(), 80],
  ["x86's registers, as perf events", x86, perfEvents(), 150],
  ['2 data and 1 instruction registers, as perf events', fake(2, 1), perfEvents(), 80],
  ["arm64's 2 data and 2 instruction registers", () => arm64({ brps: 2, wrps: 2 }), directScheduler(), 80],
  ["arm64's 4 and 6, as perf events", () => arm64(), perfEvents(), 80],
  ["POWER10's 2 data registers", () => ppc64(), directScheduler(), 120],
  [
    "POWER8's one data register, as perf events",
    () => ppc64({ cpu: 'power8' }),
    perfEvents(),
    80,
    ['ok', 'ENOSPC', 'EINVAL', 'ENODEV'],
  ],
];

function fake(data: number, instruction: number): () => Architecture {
  return () => fakeArch({ data, instruction, shared: false });
}

for (const [what, arch, scheduler, runs, answers = ANSWERS] of SUBJECTS) {
  test(`random operations on ${what} are granted and refused as the formulas say, and registers follow`, (t) => {
    const seen = new Map<string, number>();
    const property = fc.property(operations, (list) => {
      const driver = new AccountingDriver(arch(), CPUS, scheduler);
      for (const each of list) each(driver);
      driver.end();
      for (const answer of driver.answers) seen.set(answer, (seen.get(answer) ?? 0) + 1);
    });
    check(t, property, runs);
    for (const answer of answers) {
      t.true((seen.get(answer) ?? 0) > runs / 10, `the operations were chosen so that ${answer} is common`);
    }
  });
}

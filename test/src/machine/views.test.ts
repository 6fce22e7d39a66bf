import { X86DebugUnit } from '@hwbp/arch-x86';
import { type Breakpoint, directScheduler, type Hit, perfEvents } from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, store, taskOf, watch } from './support.js';

/** The names of everything that an object of a class shows. */
function fieldsOf(view: object): string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(view));
  return [...names.filter((name) => name !== 'constructor'), ...Object.getOwnPropertyNames(view)];
}

for (const [name, breakpointScheduler] of Object.entries({ direct: directScheduler(), events: perfEvents() })) {
  test(`nothing of a breakpoint can be assigned by its handler, and unregister disarms its register all the same (${name})`, (t) => {
    using kernel = kernelOf({ breakpointScheduler });
    const { machine, breakpoints } = kernel;
    const task = taskOf(kernel, { accesses: [store()] }, { accesses: [store()] });
    const refused: string[] = [];
    const handler = ({ breakpoint }: Hit): void => {
      for (const field of fieldsOf(breakpoint)) {
        const error = t.throws(
          () => {
            (breakpoint as unknown as Record<string, unknown>)[field] = -1;
          },
          { instanceOf: TypeError },
          field,
        );
        if (error !== undefined) refused.push(field);
      }
    };
    const breakpoint: Breakpoint = breakpoints.registerUser(watch(), handler, task);
    machine.run(1);
    const { attr } = breakpoint;
    for (const field of ['bp_addr', 'bp_len', 'bp_type', 'disabled', 'exclude_user', 'exclude_kernel', 'pinned']) {
      t.throws(() => Object.assign(attr, { [field]: 1 }), { instanceOf: TypeError }, `attr.${field}`);
    }
    for (const field of ['attr', 'state', 'hits', 'task', 'cpu', 'onCpu', 'register', 'owner', 'slotClass', 'parent']) {
      t.true(refused.includes(field), field);
    }
    t.like(breakpoint, { state: 'active', onCpu: 0, register: 0, hits: 1 });
    breakpoints.unregister(breakpoint);
    const { unit } = machine.cpu(0);
    t.true(unit instanceof X86DebugUnit && (unit.control & 0xff) === 0, 'DR7');
    t.deepEqual(unit.filter.ranges, []);
    t.false(breakpoints.isUsed);
  });

  test(`nothing of a wide breakpoint can be assigned, and its members are a copy (${name})`, (t) => {
    using kernel = kernelOf({ breakpointScheduler, cpus: 2 });
    const { machine, breakpoints } = kernel;
    const wide = breakpoints.registerWide(watch(), () => {});
    for (const field of fieldsOf(wide)) {
      t.throws(
        () => {
          (wide as unknown as Record<string, unknown>)[field] = new Map();
        },
        { instanceOf: TypeError },
        field,
      );
    }
    (wide.members as Map<number, Breakpoint>).clear();
    breakpoints.unregisterWide(wide);
    for (const { unit } of machine.cpus) t.deepEqual(unit.filter.ranges, []);
  });
}

test('a request may be changed and used again: what is registered keeps what it was registered with', (t) => {
  using kernel = kernelOf();
  const { breakpoints } = kernel;
  const task = taskOf(kernel, { accesses: [store()] }, { accesses: [store(DATA + 64n)] });
  const seen: string[] = [];
  const attr = { ...watch() };
  const handler = ({ breakpoint, address }: Hit): void => void seen.push(`${breakpoint.attr.bp_addr} ${address}`);
  const first = breakpoints.registerUser(attr, handler, task);
  attr.bp_addr = DATA + 64n;
  const second = breakpoints.registerUser(attr, handler, task);
  t.is(first.attr.bp_addr, DATA);
  t.is(second.attr.bp_addr, DATA + 64n);
  kernel.machine.run();
  t.deepEqual(seen, [`${DATA} ${DATA}`, `${DATA + 64n} ${DATA + 64n}`]);
});

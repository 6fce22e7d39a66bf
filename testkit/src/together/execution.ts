import { type Instruction, program, slotsOf } from '@hwbp/core';
import { equal } from '../assert/index.js';
import { all, dataAtLeast, executes, hasRegisters, watchesStores } from '../lab/applies.js';
import { type Applies, type BackendCase, labCase } from '../lab/backend-subject.js';
import { TYPE_OF, USER_CODE } from '../lab/conditions.js';
import type { Watch } from '../lab/lab.js';
import { executeSpot, plain } from '../lab/spot.js';
import { bothClasses, inEveryClassAndMode, MODES } from './modes.js';

const counts = (watches: readonly Watch[]): number[] => watches.map(({ count }) => count);

const executesTwice: Applies = (manifest) => executes(manifest) && slotsOf(manifest, 'instruction') > 1;

/** One instruction behind the other: what is left over of one hit must not hide the next. */
export const executionCases: readonly BackendCase[] = [
  labCase('together/an-execute-hit-right-behind-a-data-hit', bothClasses, (lab) => {
    const code = lab.spot(0, 'instruction');
    const data = lab.spot(1, 'data');
    for (const mode of MODES) {
      const behind: Instruction = { ...code.touch, accesses: data.touch.accesses ?? [] };
      const stores: Instruction = { ...data.touch, pc: code.touch.pc - 4n, length: 4 };
      const order: bigint[] = [];
      const kinds: string[] = [];
      const task = lab.task([stores, behind, plain()], { mode });
      const note = (kind: string) => (hit: { readonly pc: bigint }) => {
        kinds.push(kind);
        order.push(hit.pc);
      };
      const watches = [lab.user(task, data.attr, note('data')), lab.user(task, code.attr, note('execute'))];
      lab.run();
      equal(kinds.toSorted(), ['data', 'data', 'execute'], `hits of a data hit, and of both behind it, ${mode} mode`);
      if (lab.manifest.timing.execute === 'before')
        equal(kinds, ['data', 'execute', 'data'], `their order, ${mode} mode`);
      equal(order, [stores.pc, behind.pc, behind.pc], `instructions that hit, ${mode} mode`);
      equal(task.exit, { code: 0 }, `how the task ended, ${mode} mode`);
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase('together/an-execute-hit-right-behind-another', executesTwice, (lab) => {
    for (const mode of MODES) {
      const attrs = [0n, 1n].map((i) => executeSpot(lab.manifest, 0, USER_CODE + i * 8n).attr);
      const touches = attrs.map(({ bp_addr }) => ({ pc: bp_addr, length: 8 }));
      const task = lab.task([...touches, ...touches], { mode });
      const watches = attrs.map((attr) => lab.user(task, attr));
      equal(lab.run().instructions, 4, `instructions retired, ${mode} mode`);
      equal(counts(watches), [2, 2], `calls of the handlers of two instructions, one behind the other, ${mode} mode`);
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  inEveryClassAndMode('together/two-breakpoints-of-one-address', 2, ({ lab, mode, spot, slotClass }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const watches = Array.from({ length: slotsOf(lab.manifest, slotClass) }, () => lab.user(task, attr));
    lab.run();
    equal(
      counts(watches),
      watches.map(() => 2),
      'calls of the handlers of breakpoints that watch the same, one in each register',
    );
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  inEveryClassAndMode('together/every-register-is-told-alone', 1, ({ lab, mode, spot, slotClass }) => {
    const spots = Array.from({ length: slotsOf(lab.manifest, slotClass) }, (_, i) => spot(i));
    const task = lab.task(
      [...spots, ...spots.toReversed()].map(({ touch }) => touch),
      { mode },
    );
    const seen: number[] = [];
    for (const [i, { attr }] of spots.entries()) lab.user(task, attr, () => seen.push(i));
    lab.run();
    const forth = [...spots.keys()];
    equal(seen, [...forth, ...forth.toReversed()], 'breakpoints that were told, by the registers that they have');
  }),

  inEveryClassAndMode('together/an-excluded-mode-beside-a-hit', 2, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const excluded = mode === 'user' ? { exclude_user: true } : { exclude_kernel: true };
    const watches = [lab.user(task, { ...attr, ...excluded }), lab.user(task, attr)];
    lab.run();
    equal(counts(watches), [0, 2], 'calls of one that excludes this mode, and of another that watches the same');
  }),

  inEveryClassAndMode('together/a-debuggers-hits-send-no-signal', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch, plain(1)], { mode });
    const watch = lab.user(task, attr, () => {}, { delivery: 'silicon' });
    equal(lab.run().instructions, 4, "instructions retired with a breakpoint of delivery 'silicon'");
    equal(watch.count, 2, "calls of the handler of delivery 'silicon' for two hits");
    equal(task.exit, { code: 0 }, 'how the task ended: its handler wanted no signal');
  }),

  inEveryClassAndMode('together/a-hit-without-a-task', 1, ({ lab, spot }) => {
    // Code of a virtual CPU executes when its hypervisor lets it: not on our stack.
    if (lab.machine.cpu(0).virtual) return;
    const { attr, touch } = spot();
    const tasks: unknown[] = [];
    const watch = lab.onCpu(0, attr, (hit) => tasks.push(hit.task));
    // Code of the kernel's own, again until it retires.
    lab.machine.aside(lab.machine.cpu(0), (cpu) => {
      for (let attempt = 0; attempt < 1000 && cpu.execute({ ...touch, length: 4 }) === undefined; attempt++);
    });
    equal(watch.count, 1, 'calls of the handler for a hit of the code of a CPU without a task');
    equal(tasks, [undefined], 'task of the hit');
  }),

  labCase('together/another-kind-beside-a-hit-is-nobodys', all(watchesStores, dataAtLeast(2)), (lab) => {
    const [a, b] = [lab.spot(0, 'data'), lab.spot(1, 'data')];
    const loads = (b.touch.accesses ?? []).map(({ address, size }) => ({ kind: 'read' as const, address, size }));
    const stores = a.touch.accesses ?? [];
    for (const accesses of [
      [...loads, ...stores],
      [...stores, ...loads],
    ]) {
      const task = lab.task([{ ...plain(), accesses }, plain(1)]);
      const watches = [lab.user(task, a.attr), lab.user(task, b.attr)];
      lab.run();
      equal(counts(watches), [1, 0], 'calls for a store, and for a load of what another watches for stores, beside it');
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase('together/a-port-beside-an-access-is-no-memory', dataAtLeast(2), (lab) => {
    const [kind] = lab.manifest.access;
    if (kind === undefined) return;
    const [a, b] = [lab.spot(0, 'data'), lab.spot(1, 'data')].map(({ attr, touch }) => {
      const bp_addr = attr.bp_addr & 0xffffn;
      const accesses = (touch.accesses ?? []).map((access) => ({ ...access, address: bp_addr }));
      return { attr: { ...attr, bp_addr }, accesses };
    });
    if (a === undefined || b === undefined) return;
    // Where a hypervisor makes the access to the port, it makes the other one as well.
    for (const first of [true, false]) {
      const port = b.accesses.map((access) => ({ ...access, space: 'port' as const }));
      const accesses = first ? [...port, ...a.accesses] : [...a.accesses, ...port];
      const task = lab.task([{ ...plain(), accesses }, plain(1)]);
      const watches = [lab.user(task, a.attr), lab.user(task, b.attr)];
      lab.run();
      const what = `a port ${first ? 'in front of' : 'behind'} an access to memory`;
      equal(counts(watches)[1], 0, `calls for memory of the port's number: ${what}`);
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase(
    'together/an-instruction-that-faults-hits-nothing',
    all(hasRegisters, ({ access }) => access.includes('w')),
    (lab) => {
      const { attr, touch } = lab.spot(0, 'data');
      const stray = { kind: 'write', address: lab.manifest.directMap + 0x1000n, size: 1 } as const;
      const faulty = { ...plain(3), accesses: [...(touch.accesses ?? []), stray] };
      const inHandler = { ...touch, pc: plain(5).pc };
      const task = lab.task([faulty, plain(1)]);
      const handler = program(function* () {
        yield inHandler;
        lab.machine.exit(task, { code: 3 });
      });
      task.handlers.set('SIGSEGV', () => handler());
      const pcs: bigint[] = [];
      lab.user(task, attr, (hit) => pcs.push(hit.pc));
      lab.run();
      equal(pcs, [inHandler.pc], 'instructions that were told: not the one that had a page fault behind its access');
      equal(task.exit, { code: 3 }, 'how the task ended: by its own handler of SIGSEGV');
      equal(attr.bp_type, TYPE_OF.w, 'kind that was watched');
    },
  ),
];

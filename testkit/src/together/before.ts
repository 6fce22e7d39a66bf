import { BREAKPOINT_NOTIFIER_PRIORITY, type Hit, type Instruction, NOTIFY_DONE, program } from '@hwbp/core';
import { equal, ok, throwsErrno } from '../assert/index.js';
import { accountsOnly, all, comparesBlocks, dataAtLeast, reportsBefore, watchesStores } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { dataPlaces, reportedRange, TYPE_OF } from '../lab/conditions.js';
import { plain, type Spot } from '../lab/spot.js';
import { MODES } from './modes.js';

/** One instruction that makes the accesses of several spots. */
function together(...spots: readonly Spot[]): Instruction {
  return { ...plain(9), accesses: spots.flatMap(({ touch }) => touch.accesses ?? []) };
}

/** What silicon that reports before the access, or compares whole blocks, or is only accounted, asks of a backend. */
export const beforeCases: readonly BackendCase[] = [
  labCase('together/an-extraneous-hit-is-nobodys', all(watchesStores, comparesBlocks), (lab) => {
    const { manifest } = lab;
    for (const { address, length } of dataPlaces(manifest)) {
      const attr = { bp_type: TYPE_OF.w, bp_addr: address, bp_len: length };
      const { first, end } = reportedRange(manifest, attr);
      const outside = [first, end - 1n].filter((at) => at < address || at >= address + BigInt(length));
      for (const mode of MODES) {
        const store = (at: bigint): Instruction => ({
          ...plain(1),
          accesses: [{ kind: 'write', address: at, size: 1, value: 7n }],
        });
        const task = lab.task([...outside.map(store), store(address)], { mode });
        const seen: bigint[] = [];
        const { breakpoint } = lab.user(task, attr, () => seen.push(1n));
        const { instructions } = lab.run();
        const what = `${length} bytes at 0x${address.toString(16)}, ${mode} mode`;
        equal(instructions, outside.length + 1, `instructions retired, ${what}`);
        equal(seen.length, 1, `calls of the handler for a store beside what is watched and one to it, ${what}`);
        for (const at of outside) equal(task.memory.readInteger(at, 1), 7n, `the byte beside was stored, ${what}`);
        lab.breakpoints.unregister(breakpoint);
      }
    }
  }),

  labCase('together/an-extraneous-hit-of-a-debugger-ends', all(watchesStores, comparesBlocks), (lab) => {
    const { manifest } = lab;
    for (const { address, length } of dataPlaces(manifest)) {
      const attr = { bp_type: TYPE_OF.w, bp_addr: address, bp_len: length };
      const { first, end } = reportedRange(manifest, attr);
      const outside = [first, end - 1n].filter((at) => at < address || at >= address + BigInt(length));
      const store = (at: bigint): Instruction => ({
        ...plain(1),
        accesses: [{ kind: 'write', address: at, size: 1, value: 7n }],
      });
      const what = `0x${length.toString(16)} bytes at 0x${address.toString(16)}, delivery 'silicon'`;
      const task = lab.task([...outside.map(store), store(address)]);
      const seen: bigint[] = [];
      const handler = () => seen.push(task.memory.readInteger(address, 1));
      const { breakpoint } = lab.user(task, attr, handler, { delivery: 'silicon' });
      const { instructions } = lab.run();
      equal(instructions, outside.length + 1, `instructions retired: stores beside what is watched end, ${what}`);
      ok(seen.length > 0 && seen.length <= outside.length + 1, `calls for ${seen.length} stores, ${what}`);
      for (const at of outside) equal(task.memory.readInteger(at, 1), 7n, `the byte beside was stored, ${what}`);
      equal(task.exit, { code: 0 }, `how the task ended, ${what}`);
      lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase('together/silicon-delivery-is-once-for-each-access', all(watchesStores, reportsBefore), (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    for (const mode of MODES) {
      const task = lab.task([touch, plain(), touch], { mode });
      const watch = lab.user(task, attr, () => {}, { delivery: 'silicon' });
      equal(
        lab.run().instructions,
        3,
        `instructions retired in ${mode} mode: a handler that leaves it armed is no loop`,
      );
      equal(watch.count, 2, `calls of the handler for two accesses in ${mode} mode`);
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('together/a-hit-that-restarts-hits-again', all(watchesStores, reportsBefore), (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    for (const mode of MODES) {
      const task = lab.task([touch, plain()], { mode });
      let restarts = 3;
      const seen: bigint[] = [];
      const handler = ({ record }: Hit): void => {
        seen.push(task.memory.readInteger(attr.bp_addr, 1));
        record.restart = restarts-- > 0;
      };
      const watch = lab.user(task, attr, handler, { delivery: 'silicon' });
      equal(lab.run().instructions, 2, `instructions retired in ${mode} mode`);
      equal(seen.length, 4, `calls of the handler for one access, three times restarted, in ${mode} mode`);
      equal(new Set(seen).size, 1, `values that stood in memory at these calls, in ${mode} mode`);
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('together/silicon-and-after-on-one-access', all(watchesStores, reportsBefore, dataAtLeast(2)), (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    for (const order of [0, 1]) {
      const task = lab.task([touch, plain()]);
      const seen: string[] = [];
      const register = (delivery: 'silicon' | 'after') =>
        lab.user(task, attr, () => seen.push(`${delivery} ${task.memory.readInteger(attr.bp_addr, 1)}`), { delivery });
      const watches = (order === 0 ? (['silicon', 'after'] as const) : (['after', 'silicon'] as const)).map(register);
      lab.run();
      equal(seen, ['silicon 0', 'after 1'], 'who was told, and what was in memory then');
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase(
    'together/the-first-match-hides-no-other-access',
    all(watchesStores, reportsBefore, dataAtLeast(2)),
    (lab) => {
      // The silicon stops at the first access that matches; the instruction then completes with all of its accesses.
      const spots = [lab.spot(0, 'data'), lab.spot(1, 'data')] as const;
      for (const accesses of [spots, [spots[1], spots[0]]]) {
        const task = lab.task([together(...accesses), plain()]);
        const watches = spots.map(({ attr }) => lab.user(task, attr));
        lab.run();
        for (const [i, { count }] of watches.entries()) equal(count, 1, `calls of handler ${i}`);
        for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
      }
    },
  ),

  labCase('together/a-signal-calls-a-completion-off', all(watchesStores, reportsBefore), (lab) => {
    // A signal comes between the fault and the instruction: its handler's own access is the one that is told first.
    const { attr, touch } = lab.spot(0, 'data');
    const task = lab.task([touch, plain(1)]);
    const inHandler = { ...touch, pc: plain(5).pc };
    task.handlers.set('SIGUSR1', () => program([plain(4), inHandler])());
    let sent = false;
    lab.machine.dieChain.register(({ event }) => {
      if (event === 'debug' && !sent) {
        sent = true;
        lab.machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
      }
      return NOTIFY_DONE;
    }, BREAKPOINT_NOTIFIER_PRIORITY + 1);
    const pcs: bigint[] = [];
    lab.user(task, attr, (hit) => pcs.push(hit.pc));
    lab.run();
    equal(pcs, [inHandler.pc, touch.pc], 'instructions that were told, in order');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  labCase('together/accounted-registers-answer-no-device', accountsOnly, (lab) => {
    const task = lab.task([plain()]);
    for (const bp_type of [1, 2, 3]) {
      for (const bp_len of [1, 8]) {
        const attr = { bp_type, bp_addr: 0x1000n, bp_len };
        lab.unchangedBy('a request for registers that are only accounted', () => {
          throwsErrno(() => lab.user(task, attr), 'ENODEV', `bp_type ${bp_type}, ${bp_len} bytes, for a task`);
          throwsErrno(() => lab.onCpu(0, attr), 'ENODEV', `bp_type ${bp_type}, ${bp_len} bytes, for a CPU`);
          throwsErrno(() => lab.breakpoints.registerWide(attr, () => {}), 'ENODEV', `bp_type ${bp_type}, for all CPUs`);
        });
      }
    }
    throwsErrno(() => lab.onCpu(0, { bp_type: 7, bp_addr: 0n, bp_len: 0 }), 'EINVAL', 'type 7 comes first');
    ok(!lab.breakpoints.isUsed, 'no slot is used');
    lab.run();
    equal(task.exit, { code: 0 }, 'how a task ended');
  }),
];

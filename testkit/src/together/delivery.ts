import type { Hit } from '@hwbp/core';
import { BREAKPOINT_NOTIFIER_PRIORITY, type Instruction, NOTIFY_DONE } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import {
  all,
  dataAtLeast,
  executes,
  hasRegisters,
  reportsBefore,
  spotTiming,
  watchesData,
  watchesStores,
} from '../lab/applies.js';
import { type Applies, type BackendCase, labCase } from '../lab/backend-subject.js';
import { acceptedAttrs, comparedBytes, dataPlaces, TYPE_OF } from '../lab/conditions.js';
import { dataSpot, plain, touchOf } from '../lab/spot.js';
import { bothClasses, inEveryClassAndMode } from './modes.js';

/** Bytes beside what is watched that are looked at. */
const ASIDE = 3n;

const faultsOnFetch: Applies = (manifest) => executes(manifest) && manifest.timing.execute === 'before';

/** Which accesses come to a handler, how often and when. */
export const deliveryCases: readonly BackendCase[] = [
  inEveryClassAndMode('together/delivers-a-hit-once', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([plain(0), touch, plain(1)], { mode, affinity: [1] });
    const watch = lab.user(task, attr, (hit) => {
      equal(hit.pc, touch.pc, 'pc of the hit');
      equal(hit.mode, mode, 'mode of the hit');
      equal(hit.cpu.index, 1, 'CPU of the hit');
      ok(hit.task === task, 'task of the hit');
      ok(hit.breakpoint === watch.breakpoint, 'breakpoint of the hit');
    });
    const { instructions } = lab.run();
    equal(watch.count, 1, 'calls of the handler');
    equal(watch.breakpoint.hits, 1, 'hits of the breakpoint');
    equal(instructions, 3, 'instructions retired: each once');
    equal(task.exit, { code: 0 }, 'how the task ended: no signal came of it');
  }),

  labCase('together/listed-conditions-come-to-the-handler', hasRegisters, (lab) => {
    for (const attr of acceptedAttrs(lab.manifest)) {
      const task = lab.task([touchOf(attr), plain()]);
      const watch = lab.user(task, attr);
      lab.run();
      equal(
        watch.count,
        1,
        `calls for bp_type ${attr.bp_type}, ${attr.bp_len} bytes at 0x${attr.bp_addr.toString(16)}`,
      );
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('together/bytes-that-were-not-asked-for-do-not-count', watchesStores, (lab) => {
    for (const { address, length } of dataPlaces(lab.manifest)) {
      const instructions: Instruction[] = [];
      const expected: bigint[] = [];
      const end = address + BigInt(length);
      const near = (a: bigint): boolean => [address, end].some((border) => a >= border - ASIDE && a <= border + ASIDE);
      for (const size of [1, 2, 4, 8, 16, 40]) {
        for (let at = address - BigInt(size) - ASIDE; at < end + ASIDE; at++) {
          // Neither of its ends is near one of what is watched: one place is as good as another.
          if (!near(at) && !near(at + BigInt(size))) continue;
          const { pc } = plain(instructions.length);
          instructions.push({ pc, length: 4, accesses: [{ kind: 'write', address: at, size }] });
          if (at < end && at + comparedBytes(lab.manifest, size) > address) expected.push(pc);
        }
      }
      const seen: bigint[] = [];
      const task = lab.task(instructions);
      const attr = { bp_type: TYPE_OF.w, bp_addr: address, bp_len: length };
      const watch = lab.user(task, attr, (hit) => seen.push(hit.pc));
      lab.run();
      equal(seen.join(), expected.join(), `instructions that hit ${length} bytes at 0x${address.toString(16)}`);
      equal(task.exit, { code: 0 }, 'how the task ended');
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('together/handler-runs-after-the-access', watchesStores, (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    const task = lab.task([touch]);
    let seen: bigint | undefined;
    lab.user(task, attr, (hit) => {
      seen = hit.cpu.peek(attr.bp_addr, 1);
    });
    lab.run();
    equal(seen, 1n, 'what the handler finds in memory');
  }),

  labCase('together/silicon-delivery-comes-before-the-access', all(watchesStores, reportsBefore), (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    const task = lab.task([touch, plain()]);
    let seen: bigint | undefined;
    const handler = (hit: Hit): void => {
      seen = hit.cpu.peek(attr.bp_addr, 1);
      // One shot, as such consumers do it.
      lab.breakpoints.disable(hit.breakpoint);
    };
    const watch = lab.user(task, attr, handler, { delivery: 'silicon' });
    lab.run();
    equal(seen, 0n, 'what the handler finds in memory');
    equal(watch.count, 1, 'calls of the handler');
    equal(task.memory.readInteger(attr.bp_addr, 1), 1n, 'memory once the instruction was executed again');
  }),

  labCase('together/execute-hit-comes-before-the-instruction', faultsOnFetch, (lab) => {
    const { attr, touch } = lab.spot(0, 'instruction');
    const register = lab.manifest.roles.general[0] ?? 'r0';
    const task = lab.task([{ ...touch, registers: { [register]: 1n } }, plain()]);
    let seen: bigint | undefined;
    const watch = lab.user(task, attr, (hit) => {
      seen = hit.cpu.context.get(register);
    });
    const { instructions } = lab.run();
    equal(seen, 0n, 'the register that the instruction writes, as the handler finds it');
    equal(watch.count, 1, 'calls of the handler');
    equal(instructions, 2, 'instructions retired');
  }),

  inEveryClassAndMode('together/every-execution-hits', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const watch = lab.user(lab.task([touch, touch, plain(), touch], { mode }), attr);
    equal(lab.run().instructions, 4, 'instructions retired');
    equal(watch.count, 3, 'calls of the handler for three executions');
  }),

  labCase('together/execute-and-data-hit-of-one-instruction', bothClasses, (lab) => {
    const code = lab.spot(0, 'instruction');
    const data = lab.spot(1, 'data');
    const order: string[] = [];
    const task = lab.task([{ ...data.touch, pc: code.touch.pc }, plain()]);
    lab.user(task, data.attr, () => order.push('data'));
    lab.user(task, code.attr, () => order.push('execute'));
    lab.run();
    equal(order.toSorted(), ['data', 'execute'], 'hits of both');
    if (lab.manifest.timing.execute === 'before') equal(order, ['execute', 'data'], 'order of the hits');
  }),

  labCase(
    'together/read-modify-write-is-one-hit',
    (manifest) => manifest.access.includes('rw'),
    (lab) => {
      const { attr, touch } = dataSpot(lab.manifest, 0, { kind: 'rw' });
      const parts = (touch.accesses ?? []).flatMap((access) => [
        { ...plain(1), accesses: [{ ...access, kind: 'read' as const }] },
        { ...plain(2), accesses: [{ ...access, kind: 'write' as const }] },
      ]);
      const watch = lab.user(lab.task([touch]), attr);
      lab.run();
      equal(watch.count, 1, 'hits of one read-modify-write');
      const separate = lab.user(lab.task(parts), attr);
      lab.run();
      equal(separate.count, 2, 'hits of a load and a store');
    },
  ),

  labCase('together/two-breakpoints-on-one-access', dataAtLeast(2), (lab) => {
    const { attr, touch } = lab.spot(0, 'data');
    const task = lab.task([touch, plain(), touch]);
    const watches = [lab.user(task, attr), lab.user(task, attr)];
    lab.run();
    for (const { count } of watches) equal(count, 2, 'calls of each handler for two accesses');
  }),

  labCase(
    'together/all-accesses-of-an-instruction-in-one-exception',
    (manifest) => watchesData(manifest) && spotTiming(manifest) === 'after' && manifest.slots.data > 1,
    (lab) => {
      const spots = [lab.spot(0, 'data'), lab.spot(1, 'data')];
      const task = lab.task([{ ...plain(), accesses: spots.flatMap(({ touch }) => touch.accesses ?? []) }]);
      let exceptions = 0;
      lab.machine.dieChain.register(() => {
        exceptions++;
        return NOTIFY_DONE;
      }, BREAKPOINT_NOTIFIER_PRIORITY + 1);
      const watches = spots.map(({ attr }) => lab.user(task, attr));
      lab.run();
      for (const { count } of watches) equal(count, 1, 'calls of each handler');
      equal(exceptions, 1, 'exceptions');
    },
  ),

  inEveryClassAndMode('together/a-handled-hit-survives-preemption', 1, ({ lab, mode, spot }) => {
    // The task is moved away inside its exception: others run on that CPU before its instruction completes.
    const { attr, touch } = spot();
    const task = lab.task([plain(0), touch, plain(1), touch, plain(2)], { affinity: [0], mode });
    const others = [0, 1].map((cpu) =>
      lab.task(
        Array.from({ length: 40 }, () => touch),
        { affinity: [cpu], mode },
      ),
    );
    lab.machine.dieChain.register((record) => {
      if (record.event === 'debug') lab.machine.setAffinity(task, [1 - record.cpu.index]);
      return NOTIFY_DONE;
    }, BREAKPOINT_NOTIFIER_PRIORITY + 1);
    const watches = [task, ...others].map((one) =>
      lab.user(one, attr, (hit) => ok(hit.task === one, `a hit of ${one}`)),
    );
    equal(lab.run().instructions, 85, 'instructions retired');
    equal(
      watches.map(({ count }) => count),
      [2, 40, 40],
      'calls of the handlers of the task and of the others',
    );
    for (const { exit } of [task, ...others]) equal(exit, { code: 0 }, 'how a task ended');
  }),
];

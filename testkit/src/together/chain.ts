import { type DieRecord, NOTIFY_STOP, program, type SlotClass, type Task } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { always, atLeast, hasRegisters, steps } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { classesOf } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { MODES } from './modes.js';

/**
 * Registers a notifier behind the breakpoint layer that keeps what comes to it, and deals with it; `steps`: and steps
 * on.
 */
function listenBehind(lab: Lab, steps = false): string[] {
  const seen: string[] = [];
  lab.machine.dieChain.register(({ event, status, cpu }: DieRecord) => {
    seen.push(`${event} ${status.toString(16)}`);
    if (steps) cpu.context.singleStep = true;
    return NOTIFY_STOP;
  });
  return seen;
}

/** What a stepping task's exceptions look like behind the breakpoint layer. */
function stepsBehind(lab: Lab, watched: boolean, slotClass: SlotClass): string {
  const { attr, touch } = lab.spot(0, slotClass);
  const seen = listenBehind(lab, true);
  const task = lab.task([plain(0), touch, plain(1), touch, plain(2)]);
  task.context.singleStep = true;
  const watch = watched ? lab.user(task, attr) : undefined;
  lab.run();
  if (watch !== undefined) equal(watch.count, 2, `calls of the handler in a stepping task (${slotClass})`);
  lab.finish();
  return seen.join(', ');
}

/** Who else sees an exception: everybody behind, exactly what is not a breakpoint's. */
export const chainCases: readonly BackendCase[] = [
  labCase('together/own-hits-end-in-the-breakpoint-layer', hasRegisters, (lab) => {
    const seen = listenBehind(lab);
    for (const slotClass of classesOf(lab.manifest)) {
      const { attr, touch } = lab.spot(0, slotClass);
      for (const mode of MODES) {
        const watch = lab.user(lab.task([touch, plain()], { mode }), attr);
        lab.run();
        equal(watch.count, 1, `calls of the handler in ${mode} mode`);
        equal(seen, [], `what notifiers behind see of a ${slotClass} hit in ${mode} mode`);
        lab.breakpoints.unregister(watch.breakpoint);
      }
    }
  }),

  labCase('together/own-hits-send-no-signal', hasRegisters, (lab) => {
    for (const slotClass of classesOf(lab.manifest)) {
      const { attr, touch } = lab.spot(0, slotClass);
      const task = lab.task([touch, plain(), touch]);
      const watch = lab.user(task, attr);
      lab.run();
      equal(task.exit, { code: 0 }, `how a task ended that had a ${slotClass} hit`);
      equal(watch.count, 2, 'calls of the handler');
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  {
    id: 'together/a-step-is-seen-behind-a-hit',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      for (const slotClass of classesOf(subject.manifest)) {
        const without = stepsBehind(subject.lab(), false, slotClass);
        const withHit = stepsBehind(subject.lab(), true, slotClass);
        equal(withHit, without, `steps seen behind with a ${slotClass} breakpoint, against those without`);
      }
    },
  },

  labCase('together/a-step-that-nobody-wants-is-a-sigtrap', steps, (lab) => {
    const task = lab.task([plain(0), plain(1)]);
    task.context.singleStep = true;
    lab.run();
    equal(task.exit, { signal: 'SIGTRAP' }, 'how a stepping task without a debugger ended');
  }),

  labCase('together/consumes-no-status-that-is-nobodys', always, (lab) => {
    const cpu = lab.machine.cpu(0);
    const task: Task = lab.task([plain()]);
    for (let bit = 0; bit < 31; bit++) {
      const record: DieRecord = { event: 'debug', cpu, task, exception: undefined, status: 1 << bit };
      lab.machine.dieChain.notify(record);
      equal(record.status, 1 << bit, `status bit ${bit} with nothing registered, after the breakpoint layer saw it`);
    }
    lab.run();
  }),

  labCase('together/a-stale-register-is-nobodys', atLeast(2), (lab) => {
    // Silicon may report registers that are not enabled: a removed breakpoint of the same address must not matter.
    for (const slotClass of classesOf(lab.manifest)) {
      const { attr, touch } = lab.spot(0, slotClass);
      if (lab.manifest.slots[slotClass] < 2) continue;
      for (const removed of [0, 1]) {
        const task = lab.task([touch, plain()]);
        const watches = [lab.user(task, attr), lab.user(task, attr)];
        // On its CPU, so that registers are really written.
        lab.machine.schedule(task.cpu);
        lab.breakpoints.unregister(watches[removed]?.breakpoint);
        lab.run();
        equal(
          watches.map(({ count }) => count),
          removed === 0 ? [0, 1] : [1, 0],
          `calls of two ${slotClass} handlers, number ${removed} unregistered`,
        );
        equal(task.exit, { code: 0 }, 'how the task ended');
        for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
      }
    }
  }),

  labCase('together/a-software-breakpoint-is-a-sigtrap', always, (lab) => {
    const task = lab.task([{ ...plain(), trap: 'breakpoint' }, plain(1)]);
    lab.run();
    equal(task.exit, { signal: 'SIGTRAP' }, 'how a task ended that ran into a software breakpoint');
    ok(!lab.breakpoints.isUsed, 'no slot is used');
  }),

  labCase('together/a-software-breakpoint-asks-the-chain', always, (lab) => {
    const seen = listenBehind(lab);
    const task = lab.task([{ ...plain(), trap: 'breakpoint' }, plain(1)]);
    lab.run();
    equal(seen, ['breakpoint 0'], 'what a debugger in the chain sees of a software breakpoint');
    equal(task.exit, { code: 0 }, 'how a task ended whose software breakpoint a debugger has dealt with');
  }),

  labCase('together/a-planted-breakpoint-asks-the-chain', always, (lab) => {
    const { pc } = plain(1);
    let told = 0;
    lab.machine.dieChain.register(({ event, cpu }) => {
      equal([event, cpu.context.pc], ['breakpoint', pc], 'what a debugger is told, and where');
      told++;
      lab.machine.planted.lift(pc);
      return NOTIFY_STOP;
    });
    lab.machine.planted.plant(pc);
    const task = lab.task([plain(0), plain(1)]);
    lab.run();
    equal(told, 1, 'how often a debugger was told of the breakpoint that it has planted');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  labCase('together/a-step-over-a-system-call-is-a-sigtrap', always, (lab) => {
    const call = plain(0);
    const task = lab.task([{ ...call, syscall: program([plain(2)]) }, plain(1)]);
    task.context.singleStep = true;
    lab.run();
    equal(task.context.pc, call.pc + BigInt(call.length ?? 0), 'where it ended: before the next instruction');
    equal(task.exit, { signal: 'SIGTRAP' }, 'how a stepping task without a debugger ended behind its system call');
  }),
];

import {
  EVENT_TYPE,
  type Events,
  flexible,
  type KernelOptions,
  type PmuEvent,
  program,
  slotsOf,
  type Task,
} from '@hwbp/core';
import { equal, ok, present } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type Applies, type BackendCase, labCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
import { plain } from '../lab/spot.js';

/** Nanoseconds of an instruction. */
const INSTRUCTION = 1000;

/** The events engine, and what its breakpoints are opened with. */
class Counters {
  readonly lab: Lab;
  readonly events: Events;

  constructor(lab: Lab) {
    this.lab = lab;
    this.events = present(lab.kernel.get(Probe).events, 'the events engine');
  }

  open(
    target: { readonly task?: Task; readonly cpu: number },
    spot = 0,
    more: object = {},
    leader?: PmuEvent,
  ): PmuEvent {
    const { attr } = this.lab.spot(spot);
    const options = leader === undefined ? {} : { leader };
    return this.events.open({ type: EVENT_TYPE.BREAKPOINT, ...attr, pinned: true, ...more }, target, options);
  }

  /** Instructions of time in which it was enabled, in which it counted; and what it counted. */
  read(event: PmuEvent): readonly [count: number, enabled: number, running: number] {
    const { count, enabled, running } = this.events.read(event);
    return [count, enabled / INSTRUCTION, running / INSTRUCTION];
  }

  close(...events: readonly PmuEvent[]): void {
    for (const event of events) this.events.close(event);
  }
}

function counting(
  id: string,
  run: (counters: Counters, lab: Lab) => void,
  applies: Applies = hasRegisters,
  options: Partial<KernelOptions> = {},
): BackendCase {
  const composition = { instructionTime: INSTRUCTION, ...options };
  return {
    ...labCase(id, applies, (lab) => run(new Counters(lab), lab), composition),
    applies: (subject) => applies(subject.manifest) && subject.hasEvents,
  };
}

/** Times that an event was enabled and that it counted, where kernels have the events engine (`EVENTS`). */
export const timeCases: readonly BackendCase[] = [
  counting('scheduler/a-tasks-times-pass-while-it-runs', (counters, lab) => {
    const { touch } = lab.spot();
    const { machine } = lab;
    const task = lab.task(
      function* () {
        for (let i = 0; i < 4; i++) {
          yield touch;
          for (let k = 0; k < 8; k++) yield plain(k);
          machine.stop('testkit');
          yield plain(9);
        }
      },
      { affinity: [0], run: false },
    );
    const event = counters.open({ task, cpu: -1 });
    equal(counters.read(event), [0, 0, 0], 'count and times before its task runs');
    machine.wake(task);
    lab.runUntil('stopped');
    equal(counters.read(event), [1, 10, 10], 'count and times behind 10 instructions of its task');
    machine.halt(task);
    lab.task(
      Array.from({ length: 50 }, () => touch),
      { affinity: [0] },
    );
    lab.run();
    const [count, enabled, running] = counters.read(event);
    equal(count, 1, 'count while its task sleeps');
    ok(enabled === running && enabled <= 12, `times while its task sleeps stand still: ${enabled}, ${running}`);
    machine.wake(task);
    lab.runUntil('stopped');
    const later = counters.read(event);
    equal(later[0], 2, 'count once its task runs again');
    ok(later[1] >= enabled + 8 && later[1] <= enabled + 11, `times of 10 more instructions: ${later[1] - enabled}`);
    equal(later[1], later[2], 'time enabled and time running of one that always has its register');
    counters.close(event);
  }),

  counting('scheduler/no-time-passes-while-disabled', (counters, lab) => {
    const { touch } = lab.spot();
    const event = counters.open({ cpu: 0 }, 0, { disabled: true });
    const tenMore = (): void => {
      lab.task([touch, ...Array.from({ length: 9 }, (_, i) => plain(i))], { affinity: [0] });
      lab.run();
    };
    tenMore();
    equal(counters.read(event), [0, 0, 0], 'count and times of one that was opened disabled');
    counters.events.enable(event);
    tenMore();
    const [count, enabled, running] = counters.read(event);
    equal(count, 1, 'count once it is enabled');
    ok(enabled >= 10 && enabled === running, `times once it is enabled: ${enabled}, ${running}`);
    counters.events.disable(event);
    const stopped = counters.read(event);
    tenMore();
    equal(counters.read(event), stopped, 'count and times once it is disabled again');
    counters.events.enable(event);
    tenMore();
    equal(counters.read(event)[0], 2, 'count once it is enabled again');
    counters.events.reset(event);
    equal(counters.read(event)[0], 0, 'count once it is reset');
    ok(counters.read(event)[1] > enabled, 'times go on over a reset');
    counters.close(event);
  }),

  counting(
    'scheduler/times-say-how-long-it-had-no-register',
    (counters, lab) => {
      const wanted = slotsOf(lab.manifest, mainClass(lab.manifest)) + 1;
      const open = (i: number) => counters.open({ cpu: 0 }, i, { pinned: false });
      const events = Array.from({ length: wanted }, (_, i) => open(i));
      const touches = Array.from({ length: wanted }, (_, i) => lab.spot(i).touch);
      lab.task(Array.from({ length: 60 * wanted }, () => touches).flat(), { affinity: [0] });
      lab.run();
      const readings = events.map((event) => counters.read(event));
      const [first] = readings;
      for (const [count, enabled, running] of readings) {
        equal(enabled, first?.[1], 'time enabled: the same for all');
        ok(running > 0 && running < enabled, `time running is a part of it: ${running} of ${enabled}`);
        ok(count > 0, 'it counted meanwhile');
      }
      const sum = readings.reduce((total, [, , running]) => total + running, 0);
      equal(
        sum,
        (wanted - 1) * (first?.[1] ?? 0),
        'times running of all together: every register is in use all the time',
      );
      counters.close(...events);
    },
    hasRegisters,
    { slotPolicy: flexible(), tick: 20 * INSTRUCTION },
  ),

  counting(
    'scheduler/a-group-counts-as-a-whole-or-not-at-all',
    (counters, lab) => {
      const wanted = slotsOf(lab.manifest, mainClass(lab.manifest));
      const loose = { pinned: false };
      const leader = counters.open({ cpu: 0 }, 0, loose);
      const sibling = counters.open({ cpu: 0 }, 1, loose, leader);
      const alone = Array.from({ length: wanted - 1 }, (_, i) => counters.open({ cpu: 0 }, 2 + i, loose));
      const touches = Array.from({ length: wanted + 1 }, (_, i) => lab.spot(i).touch);
      lab.task(Array.from({ length: 100 * wanted }, () => touches).flat(), { affinity: [0] });
      lab.run();
      const [a, b] = [counters.read(leader), counters.read(sibling)];
      ok(a[2] > 0 && a[2] < a[1], `time running of a group that takes turns: ${a[2]} of ${a[1]}`);
      equal(b[2], a[2], 'time running of a member, against that of its leader');
      ok(Math.abs(a[0] - b[0]) <= 100, `what leader and member counted: ${a[0]} and ${b[0]}`);
      counters.events.disable(leader);
      lab.task(touches, { affinity: [0] });
      lab.run();
      equal(counters.read(sibling)[0], b[0], 'count of a member of a group whose leader is disabled');
      counters.close(sibling, leader, ...alone);
    },
    atLeast(2),
    { slotPolicy: flexible(), tick: 20 * INSTRUCTION },
  ),

  counting('scheduler/a-limit-of-overflows-turns-it-off', (counters, lab) => {
    const { touch } = lab.spot();
    const { events } = counters;
    const event = counters.open({ cpu: 0 }, 0, { sample_period: 1, disabled: true });
    let calls = 0;
    event.handler = () => {
      calls++;
    };
    const touchThrice = (): void => {
      lab.task([touch, touch, touch, plain()], { affinity: [0] });
      lab.run();
    };
    events.refresh(event, 2);
    touchThrice();
    equal([calls, events.read(event).count], [2, 2], 'overflows and count, of 3 hits with a limit of 2');
    events.refresh(event, 1);
    touchThrice();
    equal([calls, events.read(event).count], [3, 3], 'overflows and count once a limit of 1 was given');
    counters.close(event);
  }),

  counting('scheduler/what-ended-children-counted-is-their-parents', (counters, lab) => {
    const { touch } = lab.spot();
    const { machine } = lab;
    const parent = lab.task([touch, plain()], { run: false });
    const event = counters.open({ task: parent, cpu: -1 }, 0, { inherit: true });
    for (let i = 0; i < 2; i++) machine.fork(parent, program([touch, touch, plain()]));
    lab.run();
    const [count, enabled, running] = counters.read(event);
    equal(count, 4, 'count of two children that have ended');
    ok(enabled >= 6 && enabled === running, `times of two children that have ended: ${enabled}, ${running}`);
    machine.wake(parent);
    lab.run();
    const [after, later] = counters.read(event);
    equal(after, 5, 'count once the parent has run');
    ok(later >= enabled + 2, `time enabled once the parent has run: ${later}`);
    counters.close(event);
    equal(lab.breakpoints.isUsed, false, 'slots once it is closed');
  }),
];

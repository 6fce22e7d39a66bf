import { defineSlotPolicy, KernelError, LinuxSlotPolicy, PORT, type SlotClaim } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

/** Grants registers, and sometimes has none: what no sound policy does. */
class UnsoundPolicy extends LinuxSlotPolicy {
  full = false;

  override place(claim: SlotClaim, occupied: readonly unknown[]): number {
    return this.full ? -1 : super.place(claim, occupied);
  }
}

/** True if it was done; false if it was refused with EBUSY. */
function isDone(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof KernelError && error.errno === 'EBUSY') return false;
    throw error;
  }
}

/** A case with a policy that has no register although it has granted one, while `full` says so. */
function unsound(id: string, run: (lab: Lab, setFull: (full: boolean) => void) => void): BackendCase {
  return {
    id,
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      const policies: UnsoundPolicy[] = [];
      const slotPolicy = defineSlotPolicy('unsound', (host) => {
        const policy = new UnsoundPolicy(host);
        policies.push(policy);
        return policy;
      });
      const lab = subject.lab({ slotPolicy });
      run(lab, (full) => {
        for (const policy of policies) policy.full = full;
      });
      lab.finish();
    },
  };
}

/** What becomes of breakpoints that cannot be put into a register, or whose hits cannot be handled. */
export const failureCases: readonly BackendCase[] = [
  unsound('scheduler/a-registration-that-finds-no-register-leaves-nothing', (lab, setFull) => {
    const { attr, touch } = lab.spot();
    const before = lab.state;
    setFull(true);
    let watch: ReturnType<Lab['onCpu']> | undefined;
    const done = isDone(() => {
      watch = lab.onCpu(0, attr);
    });
    if (done) {
      ok(watch?.breakpoint.state !== 'active', 'a breakpoint that found no register is not active');
      lab.breakpoints.unregister(watch?.breakpoint);
    }
    equal(lab.state, before, `registers and slots, ${done ? 'once it is unregistered' : 'once it was refused'}`);
    setFull(false);
    const again = lab.onCpu(0, attr);
    lab.task([touch], { affinity: [0] });
    lab.run();
    equal([watch?.count ?? 0, again.count], [0, 1], 'hits of it, and of the next one');
  }),

  unsound('scheduler/an-enable-that-finds-no-register-can-be-tried-again', (lab, setFull) => {
    const { attr, touch } = lab.spot();
    const { breakpoint } = lab.onCpu(0, { ...attr, disabled: true });
    setFull(true);
    const done = isDone(() => lab.breakpoints.enable(breakpoint));
    const { state } = breakpoint;
    if (done) ok(state !== 'active', 'a breakpoint that found no register is not active');
    else equal([state, breakpoint.attr.disabled], ['off', true], "state and 'disabled' behind an enable that threw");
    setFull(false);
    lab.breakpoints.enable(breakpoint);
    equal(breakpoint.state, 'active', 'state once there is a register and it is enabled again');
    lab.task([touch], { affinity: [0] });
    lab.run();
    equal(breakpoint.hits, 1, 'hits then');
  }),

  unsound('scheduler/a-switch-goes-on-where-a-register-is-missing', (lab, setFull) => {
    const { attr, touch } = lab.spot();
    const tasks = [0, 1].map((i) => lab.task([touch, plain(i)], { affinity: [0], run: false }));
    const watches = tasks.map((task) => lab.user(task, attr));
    setFull(true);
    for (const task of tasks) lab.machine.wake(task);
    lab.run();
    for (const { count, breakpoint } of watches) {
      equal(count, 0, 'hits of one that found no register when its task came');
      ok(breakpoint.state !== 'active', 'nor is it active');
    }
    equal(
      tasks.map(({ alive }) => alive),
      [false, false],
      'tasks that have not come to their end',
    );
  }),

  labCase('scheduler/what-is-given-up-is-disabled', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const port = lab.kernel.get(PORT);
    const hits = port.hits.bind(port);
    let givesUp = true;
    // Silicon and entry code that cannot get past the instruction.
    port.hits = (record) => {
      const report = hits(record);
      return report === undefined || !givesUp ? report : { hits: [], givenUp: report.hits };
    };
    const watches = [lab.onCpu(0, attr), lab.onCpu(1, attr)];
    const [given, other] = watches;
    lab.task([touch, touch], { affinity: [0] });
    lab.run();
    const { state, attr: shown } = given?.breakpoint ?? {};
    equal([state, shown?.disabled], ['off', true], "state and 'disabled' of one whose hits cannot be handled");
    equal([given?.count, given?.breakpoint.hits], [0, 0], 'calls of its handler, and its hits');
    ok(lab.breakpoints.isUsed, 'it keeps its slot');
    equal(other?.breakpoint.state, 'active', 'state of another one');
    givesUp = false;
    if (given !== undefined) lab.breakpoints.enable(given.breakpoint);
    lab.task([touch], { affinity: [0] });
    lab.run();
    equal(given?.count, 1, 'hits once it was enabled again');
  }),
];

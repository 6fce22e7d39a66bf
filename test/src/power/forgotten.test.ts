import { KernelError } from '@hwbp/core';
import test from 'ava';
import { DATA, rigOf, SUBJECTS, store, writes } from './support.js';

for (const subject of SUBJECTS) {
  test(`a wide breakpoint without a member is forgotten all the same when it is unregistered (${subject.title})`, (t) => {
    using rig = rigOf(subject, { offline: [0] });
    const { machine, breakpoints } = rig;
    let calls = 0;
    const wide = breakpoints.registerWide(writes(), () => calls++, { owner: 'wide' });
    // CPU 0 comes without a free register, and CPU 1 goes: the request is alive, and there is nothing of it anywhere.
    const full = machine.hotplug.register('registers:starting', 'somebody', {
      startup: ({ index }) => {
        for (let at = DATA + 64n; ; at += 64n) {
          try {
            breakpoints.registerCpu(writes(at), () => {}, index, { owner: 'somebody' });
          } catch (error) {
            if (!(error instanceof KernelError)) throw error;
            return;
          }
        }
      },
    });
    machine.setOnline(0, true);
    full();
    machine.setOnline(1, false);
    t.deepEqual([...wide.members.keys()], [], 'no member anywhere');
    breakpoints.unregisterWide(wide);
    machine.setOnline(1, true);
    t.deepEqual(
      breakpoints.registered.filter(({ owner }) => owner === 'wide'),
      [],
    );
    rig.task([store()], { affinity: [1] });
    machine.run(100);
    t.is(calls, 0);
    t.throws(() => breakpoints.modifyWide(wide, { disabled: true }), { code: 'HWBP_RELEASED' });
    breakpoints.unregisterWide(wide);
  });
}

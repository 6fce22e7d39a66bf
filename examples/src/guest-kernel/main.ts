// Who has the debug registers of one CPU that a host, two guests and a debugger share:
// node examples/dist/guest-kernel/main.js
import { composeKernel, HW_BREAKPOINT_W } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { HOST, setUp, VARIABLES } from './guests.js';
import { Timeline, WatchedUnit } from './timeline.js';

const unit = new WatchedUnit();
using host = composeKernel({ ...HOST, createUnit: () => unit });
const { clock } = host.machine.cpu(0);
const timeline = new Timeline(
  new Map([
    [VARIABLES.jiffies, 'host'],
    [VARIABLES.inbox, 'alpha'],
    [VARIABLES.outbox, 'beta'],
    [VARIABLES.total, 'gdb on alpha'],
  ]),
  () => clock.now,
);
const { alpha, beta } = setUp(host);
unit.timeline = timeline;

// What `hwbp debug guests.config.ts --guest alpha` does for a gdb: a watch, two hits, and gone.
const gdb = alpha.vm.debugger;
gdb.attach({
  name: 'gdb',
  stopped: () => {
    timeline.note('gdb on alpha', `total = ${alpha.kernel.machine.kernelMemory.readInteger(VARIABLES.total, 8)}`);
    gdb.interrupt('gdb has alpha');
  },
});
gdb.claim({ bp_type: HW_BREAKPOINT_W, bp_addr: VARIABLES.total, bp_len: 8 });
for (let hit = 0; hit < 2; hit++) {
  gdb.resume();
  host.machine.run();
}
gdb.detach();
timeline.note('gdb on alpha', 'detaches');
host.machine.run();

console.log(String(timeline));
const trace = host.get(KsymTracer).files.read('trace').trimEnd().split('\n').slice(2);
console.log(`\nhost:  ${trace.length} stores to its jiffies traced, of ${trace[0]?.trim().split(/\s+/)[0]}`);
console.log(`alpha: its own watch was hit ${alpha.hits.length} times: not while gdb had a watch of its own there`);
console.log(`beta:  its own watch was hit ${beta.hits.length} times`);

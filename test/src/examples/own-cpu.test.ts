import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';

// From test/dist/examples.
const examples = path.join(import.meta.dirname, '../../../examples/dist');

test("examples/own-cpu: somebody's CPU loop traps after the access with x86's unit, and faults before it with its own", (t) => {
  const output = execFileSync(process.execPath, [path.join(examples, 'own-cpu/main.js')], { encoding: 'utf8' });
  const lines = output.trimEnd().split('\n');
  const fault = lines.findIndex((line) => line.startsWith('fault before'));

  const trapped = lines.slice(0, fault);
  t.deepEqual(
    trapped.filter((line) => !line.includes('armed')),
    [
      'trap after the access (x86):',
      '  DR0 0x108: pc is 0x10, the counter is 5',
      '  DR0 0x108: pc is 0x10, the counter is 10',
      '  DR0 0x108: pc is 0x10, the counter is 15',
      '  DR1 0x14: pc is 0x14, the counter is 15',
    ],
  );
  t.deepEqual(
    trapped.filter((line) => line.includes('armed')),
    ['  armed: 0x108/4', '  armed: 0x108/4, 0x14/1', '  armed: 0x14/1', '  armed: nothing'],
    'the listener hears of every change',
  );

  const faulted = lines.slice(fault);
  t.deepEqual(
    faulted.filter((line) => !line.includes('armed')),
    [
      'fault before the access (DABR-like):',
      '  pc is 0xc, DSI at 0x108: the counter was 0, is 5',
      '  pc is 0xc, DSI at 0x108: the counter was 5, is 10',
      '  pc is 0xc, DSI at 0x108: the counter was 10, is 15',
    ],
  );
  t.is(faulted.filter((line) => line === '  armed: nothing').length, 4, 'disarmed for each step, and at the end');
});

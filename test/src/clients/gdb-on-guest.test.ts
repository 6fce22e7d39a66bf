import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KgdbServer } from '@hwbp/kgdb/server';
import test from 'ava';
import { OTHER, type Scene, scene, textOf, VAR } from '../kvm/debugged-guest.js';
import { GDB, testWith } from './need.js';

const run = promisify(execFile);
const hex = (address: bigint): string => `0x${address.toString(16)}`;
const at = (address: bigint): string => `*(long*)${hex(address)}`;

/** What a real gdb prints that attaches to the scene's guest, and what the scene's server said. */
async function gdb(executable: string, { debuggable }: Scene, ...commands: readonly string[]): Promise<string> {
  const server = await KgdbServer.listen(debuggable, { port: 0 });
  try {
    const all = ['set confirm off', 'set pagination off', 'set width 0', 'set architecture i386:x86-64'];
    const remote = `target remote 127.0.0.1:${server.address.port}`;
    const args = [...all, remote, ...commands].flatMap((command) => ['-ex', command]);
    const { stdout, stderr } = await run(executable, ['-nx', '-q', '-batch', ...args], { timeout: 60_000 });
    await server.ended;
    return stdout + stderr;
  } finally {
    await server.close();
  }
}

testWith(
  GDB,
  'a real gdb on a guest: watches, breakpoints, steps, registers, memory, detach',
  async (t, executable) => {
    using made = scene({ own: true });
    const text = await gdb(
      executable,
      made,
      'info threads',
      'stepi',
      'x/i $pc',
      `watch ${at(VAR)}`,
      'continue',
      'info registers rax rip',
      'continue',
      'delete',
      `awatch ${at(VAR)}`,
      'continue',
      'delete',
      `hbreak *${hex(textOf(0) + 12n)}`,
      'continue',
      'continue',
      'monitor bps',
      'delete',
      `break *${hex(textOf(0) + 4n)}`,
      'continue',
      `x/1gx ${hex(VAR)}`,
      `set var ${at(VAR)} = 1000`,
      'continue',
      `print ${at(VAR)}`,
      'detach',
    );
    t.regex(text, /\* 1 +Thread 1\.1 "CPU 0 of guest"/);
    t.regex(text, /=> 0xffffffff81000004:/);
    t.regex(text, /Hardware watchpoint 1: .*\n\nOld value = 0\nNew value = 1\n0xffffffff8100000c in/);
    t.regex(text, /rax +0x1 +1\n/);
    t.regex(text, /Old value = 1\nNew value = 2\n/);
    t.regex(text, /Hardware access \(read\/write\) watchpoint 2: .*\n\nValue = 2\n0xffffffff81000008 in/);
    t.is([...text.matchAll(/hit Breakpoint 3, 0xffffffff8100000c|Breakpoint 3, 0xffffffff8100000c/g)].length, 2);
    t.regex(text, /^0 {2}0xffffffff8100000c {2}x {2}8$/m);
    t.regex(text, /Breakpoint 4, 0xffffffff81000004 in/);
    t.regex(text, /0xffffffff82a05000:\t0x0000000000000004\n/);
    t.regex(text, /\$1 = 1001\n/);
    t.regex(text, /\[Inferior 1 \(process 1\) detached\]/);
    const { log, hostHits, guest } = made;
    t.is(guest.machine.kernelMemory.readInteger(VAR, 8), 1000n + 16n, 'the guest has gone on to its end');
    t.is(new Set(log.control).size, 1, 'its own DR7 reads as its kernel has set it, whatever gdb has loaded');
    t.not((log.control[0] ?? 0n) & 3n, 0n);
    t.true(log.hits.length >= 15, 'its own breakpoints are hit again');
    t.true(log.hits.every((ip) => ip === textOf(0)));
    t.is(hostHits.length, 3, 'the host’s watch at the same address has seen the host’s own stores');
  },
);

testWith(
  GDB,
  'a real gdb on a guest of two virtual CPUs: threads, and a step of one of them',
  async (t, executable) => {
    using made = scene({ vcpus: 2, rounds: 500 });
    const text = await gdb(
      executable,
      made,
      `hbreak *${hex(textOf(1) + 8n)}`,
      'continue',
      'info threads',
      'thread',
      'stepi',
      'info registers rip',
      'thread 1',
      'info registers rip',
      'delete',
      'set scheduler-locking on',
      'stepi',
      'thread 2',
      'info registers rip',
      'kill',
    );
    t.regex(text, /Thread 2 "CPU 1 of guest" hit Breakpoint 1, 0xffffffff81000108/);
    t.regex(text, /\* 2 +Thread 1\.2 "CPU 1 of guest"/);
    t.is([...text.matchAll(/rip +0xffffffff8100010c/g)].length, 2, 'it has stepped, and then waited for the other one');
    t.regex(text, /killed/);
    t.is(made.hostHits.length, 3);
    t.is(made.log.lines.length, 1000, 'a guest cannot be killed by its debugger: it goes on');
  },
);

testWith(GDB, 'a real gdb that only watches changes nothing of a guest', async (t, executable) => {
  using plain = scene({ looks: false });
  plain.host.machine.run();
  using made = scene({ looks: false });
  const text = await gdb(executable, made, `watch ${at(VAR)}`, ...Array(20).fill('continue'), 'detach');
  t.is([...text.matchAll(/Hardware watchpoint 1/g)].length, 21);
  t.deepEqual(made.log.lines, plain.log.lines, 'the same instructions at the same times');
  t.deepEqual(made.hostHits, plain.hostHits);
});

testWith(GDB, 'Ctrl-C from a real gdb stops a guest that runs', async (t, executable) => {
  using made = scene({ rounds: 1_000_000_000, looks: false });
  made.log.lines.push = () => 0;
  const interrupt =
    'python import threading, os, signal; threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()';
  const server = await KgdbServer.listen(made.debuggable, { port: 0 });
  try {
    const commands = ['set confirm off', `target remote 127.0.0.1:${server.address.port}`, interrupt];
    const more = ['continue', 'info registers rip', `print ${at(OTHER)} > 1`, 'detach'];
    const args = [...commands, ...more].flatMap((command) => ['-ex', command]);
    const { stdout } = await run(executable, ['-nx', '-q', '-batch', ...args], { timeout: 60_000 });
    t.regex(stdout, /received signal SIGINT/);
    t.regex(stdout, /rip +0xffffffff810000/);
    t.regex(stdout, /\$1 = 1\n/);
  } finally {
    await server.close();
  }
});

test('what is debugged says when it is over: nothing can execute any more', (t) => {
  using made = scene();
  t.false(made.debuggable.over);
  while (made.debuggable.run(10_000).reason !== 'idle');
  t.true(made.debuggable.over);
});

import { assemble, composeKernel } from '@hwbp/core';
import { linuxSystemCalls } from '@hwbp/syscalls';
import test from 'ava';
import { numbersOf } from './linux.js';
import { CALLING } from './support.js';

// On an architecture of 32 bits the ABI's registers are narrower than a routine's.
for (const calling of CALLING.filter(({ name }) => !name.includes('32'))) {
  const numbers = numbersOf(calling);
  const defines = Object.fromEntries(
    Object.entries({ GETPID: numbers.getpid, FORK: numbers.fork ?? numbers.clone, WAIT4: numbers.wait4 }).map(
      ([name, number = 0]) => [name, BigInt(number)] as const,
    ),
  );

  test(`${calling.name}: result is what a call returned, where the text names its register nowhere else`, (t) => {
    const text = assemble(
      `
main:   syscall GETPID
        result r0
        store  [pid], r0
        exit
pid:    .u64   0
`,
      { defines },
    );
    using kernel = composeKernel({ arch: calling.arch(), plugins: [linuxSystemCalls({ numbers })] });
    const task = kernel.machine.spawn(text.program('main'), { pid: 42 });
    let pid = 0n;
    kernel.machine.hooks.exit.add(({ memory }) => {
      pid = memory.readInteger(text.resolve('pid'), 8);
    });
    kernel.machine.run();
    t.is(pid, BigInt(task.pid));
  });

  test(`${calling.name}: a routine is forked in the middle, and each goes on with registers of its own`, (t) => {
    const text = assemble(
      `
main:   mov    r1, 5
        mov    a0, 17
        syscall FORK
        result r0
        beq    r0, 0, .child
        store  [parent], r1
        mov    a0, -1
        mov    a1, 0
        mov    a2, 0
        mov    a3, 0
        syscall WAIT4
        ret
.child: add    r1, r1, 1
        store  [child], r1
        ret
parent: .u64   0
child:  .u64   0
`,
      { defines },
    );
    using kernel = composeKernel({ arch: calling.arch(), plugins: [linuxSystemCalls({ numbers })] });
    const seen: unknown[] = [];
    kernel.machine.hooks.exit.add(({ pid, memory }) => {
      seen.push([pid, ...['parent', 'child'].map((name) => memory.readInteger(text.resolve(name), 8))]);
    });
    kernel.machine.spawn(text.program('main'));
    t.is(kernel.machine.run(10_000).reason, 'idle');
    t.deepEqual(seen, [
      [2, 0n, 6n],
      [1, 5n, 0n],
    ]);
  });
}

test("a kernel's symbol says what it is, or nothing", (t) => {
  const [calling] = CALLING;
  const symbols = [{ name: 'inc', address: 0x1000n, size: 4, type: 'routine' as never }];
  t.throws(() => composeKernel({ arch: calling?.arch() as never, symbols }), {
    message: /the type of a symbol is 'function' or 'object', and that of inc is routine/,
  });
});

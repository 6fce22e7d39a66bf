import { x86 } from '@hwbp/arch-x86';
import {
  type Assembly,
  AssemblyError,
  assemble,
  assembly,
  composeKernel,
  HW_BREAKPOINT_RW,
  memory,
  program,
  ROUTINES,
  resumeKernel,
  SIGNALS,
  symbolize,
} from '@hwbp/core';
import test from 'ava';

const COUNTING = `
counter: .u64 40
limits:  .u16 1, 0x203, counter - 0x40ffff   # low bytes of an address
name:    .text "a\\n\\"b\\""
zeroes:  .bss 16
main:    mov  r0, 2
.again:  call inc
         sub  r0, r0, 1
         bne  r0, 0, .again
         ret
inc:     load r1, [counter]
         add  r1, r1, 1 // one more
         store [counter], r1
         ret
`;

test('a text becomes routines and data at addresses, with symbols, and executes', (t) => {
  const counting = assemble(COUNTING);
  t.deepEqual(
    counting.symbols.map(({ name, address, size, kind, width }) => [name, address, size, kind, width]),
    [
      ['main', 0x40_0000n, 20, 'function', 4],
      ['inc', 0x40_0014n, 16, 'function', 4],
      ['counter', 0x41_0000n, 8, 'object', 8],
      ['limits', 0x41_0008n, 6, 'object', 2],
      ['name', 0x41_000en, 5, 'object', 1],
      ['zeroes', 0x41_0013n, 16, 'object', 8],
    ],
  );
  t.deepEqual(counting.lines[1], { address: 0x40_0004n, line: 7 });
  using kernel = composeKernel({ arch: x86(), routines: [counting] });
  const { machine } = kernel;
  const task = machine.spawn(counting.program('main'), { run: false });
  const at = counting.resolve('counter');
  t.is(task.memory.readInteger(at, 8), 40n, 'the data is there before it executes');
  t.is(task.context.pc, 0x40_0000n, 'and so is where it begins');
  t.deepEqual([...task.memory.read(counting.resolve('limits'), 11)], [1, 0, 3, 2, 1, 0, 0x61, 0x0a, 0x22, 0x62, 0x22]);
  const seen: string[] = [];
  const watch = { bp_type: HW_BREAKPOINT_RW, bp_addr: at, bp_len: 8 };
  kernel.breakpoints.registerUser(watch, ({ cpu }) => seen.push(symbolize(kernel.symbols, cpu.pc)), task);
  machine.wake(task);
  t.is(machine.run().reason, 'idle');
  t.deepEqual(seen, ['inc', 'inc+0x8', 'inc', 'inc+0x8']);
  t.deepEqual(task.exit, { code: 0 });
  t.is(task.instructions, 16);
  t.deepEqual(kernel.get(ROUTINES), [counting]);
});

test('a builder makes the same as its text', (t) => {
  const built = assembly()
    .label('counter')
    .data([40n])
    .label('main')
    .mov('r0', 'counter')
    .load('r1', memory('r0', 4n), 'u16')
    .xadd('r1', memory('counter'), 1n)
    .cas('r1', memory('r2', 'counter'), 'a0', 'i32')
    .label('.over')
    .blt('r1', -5n, '.over')
    .call('main')
    .jmp('r1')
    .assemble({ name: 'built.s' });
  t.is(
    built.source,
    `counter:
    .u64 40
main:
    mov r0, counter
    load.u16 r1, [r0+4]
    xadd r1, [counter], 1
    cas.i32 r1, [r2+counter], a0
.over:
    blt r1, -5, .over
    call main
    jmp r1
`,
  );
  const again = assemble(built.source, { name: 'built.s' });
  t.deepEqual(again.symbols, built.symbols);
  t.deepEqual(again.lines, built.lines);
  t.throws(() => assembly().mov('r0', 5 as unknown as bigint), {
    instanceOf: TypeError,
    message: /of mov is .* got 5: write 5n$/,
  });
  t.throws(() => assembly().load('rx' as 'r0', memory('a')), { message: "an operand of load is a register, got 'rx'" });
  t.throws(() => assembly().ret(...([1n] as unknown as [])), { message: /ret takes nothing; got 1 operand/ });
  t.throws(() => assembly().load('r0', memory('a'), 'u5' as 'u8'), { message: /load has a width of u64, .* got 'u5'/ });
});

const WRONG: Readonly<Record<string, readonly [text: string, message: string]>> = {
  'no instruction': ['  mvo r0, 1', "a.s:1:3: there is no instruction 'mvo'"],
  'no register': ['\n mov rx, 1', "a.s:2:6: expected a register, got 'rx'"],
  'a comma': ['mov r0 1', "a.s:1:8: expected a comma: mov takes a register, a register, a number or a symbol, got '1'"],
  'too much': ['ret 1', "a.s:1:5: expected the end of the line, got '1'"],
  'too little': [
    'add r0, r1',
    'a.s:1:11: expected a comma: add takes a register, a register, a register, a number or a symbol, got the end of the line',
  ],
  'no symbol': ['jmp nowhere', "a.s:1:1: there is no symbol 'nowhere'"],
  'two labels': ['a: nop\na: ret', "a.s:2:1: there are two of the name 'a'"],
  'a label of nothing': ['ret\na:', "a.s:2:1: nothing follows the label 'a'"],
  'no end': ['a: nop', 'a.s:1:4: execution goes on behind the last instruction: end with ret, jmp or exit'],
  'no instruction at all': ['a: .u8 1', 'a.s:1:1: expected an instruction: there is none'],
  'a jump into data': ['a: .u8 1\njmp a', 'a.s:2:1: expected a label of the text: no instruction begins there'],
  'a width where there is none': ['jmp.u8 a', 'a.s:1:1: jmp has no width'],
  'no width': ['load.u9 r0, [0]', "a.s:1:1: expected a width (u64, u8, u16, u32, i8, i16, i32) behind 'load.'"],
  'an address': ['load r0, 5', "a.s:1:10: expected an address in brackets, such as [counter] or [r1+8], got '5'"],
  'two registers': ['load r0, [r1+r2]', "a.s:1:14: expected one register and one symbol at most, got 'r2'"],
  'a character': ['mov r0, %1', "a.s:1:9: expected a name, a number or one of , : [ ] + -, got '%1'"],
  'a large number': [
    'mov r0, 0x1_0000_0000_0000_0000',
    'a.s:1:9: a number has 64 bits at most, with or without a sign',
  ],
  'a register for a label': ['r0: ret', "a.s:1:1: 'r0' is a register, and no name of a label"],
  'a directive': ['.word 5', "a.s:1:1: expected one of .u8, .u16, .u32, .u64, .text, .bss, .align, got '.word'"],
  'much data': ['.bss 99999999', 'a.s:1:1: an assembly has at most 16777216 bytes of data'],
  'an alignment': ['.align 3', 'a.s:1:1: data is aligned to a power of two, got 3'],
  'no wait': ['wait lock\nret', "a.s:1:1: the option 'waits' has nothing under the name 'lock'"],
};
for (const [title, [text, message]] of Object.entries(WRONG)) {
  test(`an error says line, column and what was expected: ${title}`, (t) => {
    const error = t.throws(() => assemble(text, { name: 'a.s' }), { instanceOf: AssemblyError });
    t.is(error.message, message);
    t.is(`a.s:${error.line}:${error.column}`, message.split(': ', 1)[0] ?? '');
  });
}

test('options, entries and compositions are looked at', (t) => {
  const ret = (options = {}): Assembly => assemble('main: ret\nword: .u64 1', options);
  t.throws(() => ret({ at: 5 }), {
    instanceOf: TypeError,
    message: 'at is a bigint of 64 bits, such as 0x1000n, got 5',
  });
  t.throws(() => ret({ place: 5n }), { message: /an assembly has no option 'place'; it has name, space, at/ });
  t.throws(() => ret({ waits: { lock: 5 } }), {
    message: 'waits.lock is what can be waited for: { begin(cpu) }, got 5',
  });
  t.throws(() => ret({ data: 0x40_0000n }), { message: /its data at 0x400000 overlaps its text at 0x400000/ });
  t.throws(() => ret().program('man'), { message: "program.s has no symbol 'man'; it has: main, word" });
  t.throws(() => ret().program('word'), { message: 'word of program.s is data, and no routine' });
  t.throws(() => ret().program('main', { args: [1 as unknown as bigint] }), { message: /args\[0\] is an address, or/ });
  const [a, b] = [ret({ name: 'a.s' }), ret({ name: 'b.s' })];
  t.throws(() => composeKernel({ arch: x86(), routines: [a, b] }), {
    message:
      "the assemblies 'a.s' and 'b.s' overlap at 0x400000: give one another place, as in assemble(text, { at: 0x500000n })",
  });
  t.throws(() => composeKernel({ arch: x86(), routines: [a, ret({ name: 'a.s', at: 0x90_0000n })] }), {
    message: /two assemblies are named 'a\.s'/,
  });
  t.throws(() => composeKernel({ arch: x86(), routines: [{} as Assembly] }), {
    message: /routines is a list of what assemble\(\) has made/,
  });
  const kernel = composeKernel({ arch: x86(), plugins: [{ name: 'lib', routines: [a] }], routines: [a] });
  t.deepEqual(kernel.get(ROUTINES), [a], 'a plugin brings it, too: once');
  t.is(kernel.symbols.lookup('word')?.address, a.resolve('word'));
});

test('a jump to where nothing is ends in a page fault, and a routine without a stack in the kernel says so', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const lost = machine.spawn(assemble('main: mov r0, 0x1234\n jmp r0').program('main'), { demandZero: false });
  machine.run();
  t.deepEqual(lost.exit, { signal: 'SIGSEGV' });
  t.true('SIGSEGV' in SIGNALS);
  t.is(lost.context.pc, 0x1234n);
  const pushes = assemble('main: push r0\n ret', { space: 'kernel', at: 0xffff_ffff_a000_0000n });
  const thread = machine.spawn(pushes.program('main'), { mode: 'kernel' });
  machine.run();
  t.false(thread.alive, 'a kernel thread has a stack by its number');
});

test('a routine goes on from an image, and one that is composed needs no name for that', (t) => {
  const counting = assemble(COUNTING);
  const options = { arch: x86(), routines: [counting] } as const;
  const kernel = composeKernel(options);
  kernel.machine.spawn(counting.program('main', { args: [7n, 'counter'] }));
  kernel.machine.run(9);
  const image = JSON.parse(JSON.stringify(kernel.hibernate()));
  using other = resumeKernel(options, image);
  const [task] = [...other.machine.tasks.values()];
  t.is(task?.context.get('rdi'), 7n);
  t.is(task?.context.get('rsi'), counting.resolve('counter'));
  other.machine.run();
  t.is(task?.instructions, 16);
  t.is(other.machine.count, 16);
  kernel.dispose();
  const foreign = composeKernel({ arch: x86() });
  foreign.machine.spawn(counting.program('main'));
  t.throws(() => foreign.hibernate(), {
    code: 'IMAGE_NOT_WRITABLE',
    message: /a routine of program\.s is a function without a name/,
  });
});

test('a debugger that sets the program counter has the routine go on there', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const jumping = assemble('main: mov r0, 1\n mov r0, 2\n mov r1, 3\nend: exit');
  const task = kernel.machine.spawn(jumping.program('main'));
  kernel.machine.run(1);
  task.context.pc = jumping.resolve('end') - 4n;
  kernel.machine.run();
  t.deepEqual(
    ['rbx', 'rbp'].map((name) => task.context.get(name)),
    [1n, 3n],
  );
});

test('threads of one process have stacks of their own, and interrupts are turned off and on', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const deep = assemble('main: push a0\n call inner\n pop a1\n.rest: jmp .rest\ninner: push a0\n pop a2\n ret');
  const one = machine.spawn(deep.program('main', { args: [1n] }));
  const two = machine.fork(one, deep.program('main', { args: [2n] }), { thread: true });
  machine.run(9000);
  t.deepEqual(
    [one, two].map(({ context }) => [context.get('rsi'), context.get('rdx')]),
    [
      [1n, 1n],
      [2n, 2n],
    ],
  );
  const quiet = assemble('main: irqsoff r0\n irqsput r0\n irqson r1\n exit', { space: 'kernel' });
  const thread = machine.spawn(quiet.program('main'), { mode: 'kernel', affinity: [0] });
  machine.run(20_000);
  t.deepEqual([thread.context.get('rbx'), thread.context.get('rbp')], [1n, 1n]);
  t.false(thread.context.irqsOff);
  t.false(thread.alive);
});

test('an instruction of a list program may be anything that the assembly has no word for', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const words = assemble('main: ret\nword: .u64 5');
  const at = words.resolve('word');
  const double = (old: bigint): bigint => 2n * old;
  const task = kernel.machine.spawn(
    program([
      { pc: 0x1000n, length: 4, accesses: [{ kind: 'readwrite', address: at, size: 8, value: double, into: 'rax' }] },
    ]),
  );
  words.load(task.memory);
  kernel.machine.run(1);
  t.deepEqual([task.memory.readInteger(at, 8), task.context.get('rax')], [10n, 5n]);
});

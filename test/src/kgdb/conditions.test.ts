import { x86 } from '@hwbp/arch-x86';
import { perfEvents } from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { data, lines, spawnCounters, store, text } from './programs.js';

const at = (address: bigint): string => address.toString(16);
/** As gdb compiles `*(int*)0x601000 == value`. */
const equals = (value: number): string => `X0c,240060100019162022${value.toString(16).padStart(2, '0')}1327`;

for (const [how, scheduler] of [
  ['direct', {}],
  ['events', { breakpointScheduler: perfEvents() }],
] as const) {
  for (const [type, reason] of [
    ['0', 'swbreak'],
    ['1', 'hwbreak'],
  ] as const) {
    test(`${how}, Z${type}: a condition is evaluated here, and passing over it changes nothing`, (t) => {
      using kernel = kernelWith({ cpus: 2, ...scheduler });
      spawnCounters(kernel, 2);
      const gdb = new Client(kernel);
      gdb.ok(`Z${type},${at(text() + 8n)},1;${equals(7)}`);
      t.is(gdb.stop(), `T05${reason}:;thread:1;`);
      t.is(gdb.pc(), text() + 8n);
      t.is(gdb.send(`m${at(data())},4`), '07000000');
      // As gdb does: taken away at the stop, and put back with another condition.
      gdb.ok(`z${type},${at(text() + 8n)},1`);
      gdb.stop('vCont;s:1;c');
      gdb.ok(`Z${type},${at(text() + 8n)},1;${equals(9)};${equals(12)}`);
      for (const value of ['09', '0c']) {
        t.is(gdb.stop(), `T05${reason}:;thread:1;`);
        t.is(gdb.send(`m${at(data())},4`), `${value}000000`, 'one of several');
        gdb.ok(`z${type},${at(text() + 8n)},1`);
        gdb.stop('vCont;s:1;c');
        gdb.ok(`Z${type},${at(text() + 8n)},1;${equals(9)};${equals(12)}`);
      }
      gdb.ok(`Z${type},${at(text() + 8n)},1`);
      gdb.stop();
      t.is(gdb.send(`m${at(data())},4`), '0d000000', 'none any more');
      t.is(kernel.machine.departure, undefined);

      using alone = kernelWith({ cpus: 2, ...scheduler });
      const [first, second] = spawnCounters(alone, 2);
      alone.machine.run(kernel.machine.count);
      t.deepEqual(
        [first?.instructions, second?.instructions],
        [...kernel.machine.tasks.values()].map(({ instructions }) => instructions),
        'the same run as without a debugger',
      );
    });
  }
}

/** The value of an expression with registers rax = 6, rbx = -2, in a breakpoint that stops where it is 1. */
function isOne(code: string): boolean {
  using kernel = kernelWith({ arch: x86(), cpus: 1 });
  kernel.machine.spawn(
    lines([
      { registers: { rax: 6n, rbx: 0xffff_ffff_ffff_fffen }, accesses: [store(0x1000n, 0x8000_0001_ff80n, 8)] },
      {},
      {},
    ]),
  );
  const gdb = new Client(kernel);
  gdb.ok(`Z0,${at(text() + 4n)},1;X${(code.length / 2 + 4).toString(16)},${code}22011327`);
  return gdb.stop() === 'T05swbreak:;thread:1;';
}

test('every opcode that conditions are made of', (t) => {
  const [rax, rbx] = ['260000', '260001'];
  const is = (expected: string): string => `${expected}13`;
  const cases: Readonly<Record<string, string>> = {
    add: `${rax}220102${is('2207')}`,
    sub: `${rax}220103${is('2205')}`,
    mul: `${rax}${rbx}04${is('25fffffffffffffff4')}`,
    'div signed': `${rax}${rbx}05${is('25fffffffffffffffd')}`,
    'div unsigned': `${rax}${rbx}06${is('2200')}`,
    'rem signed': `2207${rbx}07${is('2201')}`,
    'rem unsigned': `${rax}220408${is('2202')}`,
    lsh: `${rax}220409${is('2260')}`,
    'lsh by more than there is': `${rax}22c809${is('2200')}`,
    'rsh signed': `${rbx}22010a${is('25ffffffffffffffff')}`,
    'rsh unsigned': `${rbx}223f0b${is('2201')}`,
    'log not': `22000e${is('2201')}`,
    and: `${rax}22030f${is('2202')}`,
    or: `${rax}220110${is('2207')}`,
    xor: `${rax}220311${is('2205')}`,
    not: `${rax}12${is('25fffffffffffffff9')}`,
    'less signed': `${rbx}${rax}14${is('2201')}`,
    'less unsigned': `${rax}${rbx}15${is('2201')}`,
    'ext of ref8': `2400001000171608${is('25ffffffffffffff80')}`,
    ref16: `240000100018${is('23ff80')}`,
    ref32: `240000100019${is('240001ff80')}`,
    ref64: `24000010001a${is('25000080000001ff80')}`,
    'if goto': `22012000082209272207${is('2207')}`,
    goto: `21000522092207${is('2207')}`,
    dup: `${rax}2804${is('2224')}`,
    pop: `${rax}220129${is('2206')}`,
    'zero ext': `${rbx}2a08${is('22fe')}`,
    swap: `${rax}22012b03${is('25fffffffffffffffb')}`,
    pick: `${rax}220322043202${is('2206')}`,
    rot: `220122022203332902${is('2204')}`,
  };
  for (const [name, code] of Object.entries(cases)) {
    t.true(isOne(code), name);
    t.false(isOne(`${code}0e`), `${name}, turned round`);
  }
  t.false(isOne('2200'));
});

test('what cannot be evaluated stops; what is no condition is refused', (t) => {
  for (const code of ['210000', '29', '22ff0f1a', '220122000527', '2600ff', '220128210002'])
    t.true(isOne(`${code}22012b`), code);
  using kernel = kernelWith({ cpus: 1 });
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  for (const conditions of [';X1,01', ';X1', ';X2,22', ';X1,2', ';X0,', ';cmds:0,X1,27', 'X1,27', ';X1,27X', ';X1,1b'])
    t.is(gdb.send(`Z0,401000,1${conditions}`), 'E16', conditions);
  t.is(gdb.send('Z2,601000,4;X3,220127'), 'E16', 'watches have none');
  t.is(kernel.machine.planted.size, 0);
  t.is(gdb.send('z0,401000,1'), 'E02', 'nothing was inserted');
});

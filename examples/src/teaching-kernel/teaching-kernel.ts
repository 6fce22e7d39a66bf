import {
  CONSOLE,
  type ConsumerClass,
  defineKernel,
  type Kernel,
  type KernelConfig,
  type Plugin,
  syscalls,
  type Waiting,
  WaitQueue,
} from '@hwbp/core';
import { intervalTimer, uart16550 } from '@hwbp/devices';
import { LockReport, lockSymbols, locks } from '@hwbp/locks';
import { linuxSystemCalls } from '@hwbp/syscalls';
import { assembleKernel } from './kernel-text.js';
import { ARCHITECTURES, type Options, SCHEDULERS } from './options.js';
import { assemblePrograms } from './programs.js';
import { SERIAL_LINE, serialFile } from './serial.js';
import { TIMER_LINE, VISIT, VISIT_SYMBOLS, Visits, visitCall } from './visits.js';

/** What was shown on the terminal, and what is to be typed there whenever init asks. */
class Terminal {
  shown = '';

  constructor(kernel: Kernel, lines: readonly string[]) {
    const terminal = kernel.get(CONSOLE);
    const typing = [...lines, 'exit'];
    terminal.output.add((bytes) => {
      this.shown += String.fromCharCode(...bytes);
      if (!this.shown.endsWith('$ ')) return;
      const line = `${typing.shift() ?? ''}\n`;
      this.shown += line;
      terminal.type(Uint8Array.from(line, (letter) => letter.charCodeAt(0)));
    });
  }
}

/**
 * A small kernel of parts: a serial port and a timer with drivers, the usual system calls and one of its own, a
 * scheduling class, a lock, and init, which reads lines, forks and waits. `more`: consumers to look at it with.
 */
export function teachingKernel(options: Options, more: readonly (Plugin | ConsumerClass)[] = []): KernelConfig {
  const { arch, scheduler, cpus, quantum, seed } = options;
  const [architecture, numbers] = ARCHITECTURES[arch] as (typeof ARCHITECTURES)[string];
  const programs = assemblePrograms(numbers);
  let startInit: (() => Waiting) | undefined;
  const text = assembleKernel({ begin: (cpu) => startInit?.().begin(cpu) });
  const registers = { serial: 0n, timer: 0n };
  const found = (device: keyof typeof registers) => (address: bigint) => {
    registers[device] = address;
  };
  let visits: Visits | undefined;
  let terminal: Terminal | undefined;
  const table = Object.fromEntries(
    ['hello', 'visit', 'nap', 'spin'].map((name) => [name, programs.program(name)] as const),
  );
  return defineKernel({
    kernel: {
      arch: architecture(),
      taskScheduler: (SCHEDULERS[scheduler] as (typeof SCHEDULERS)[string])(),
      cpus,
      quantum,
      seed,
      routines: [text, programs],
      symbols: [...VISIT_SYMBOLS, ...lockSymbols()],
      plugins: [
        uart16550({
          physical: 0x1000_0000n,
          line: SERIAL_LINE,
          mapped: found('serial'),
        }),
        intervalTimer({ line: TIMER_LINE, mapped: found('timer') }),
        linuxSystemCalls({ numbers, programs: table, files: (machine) => Array(3).fill(serialFile(machine, text)) }),
        syscalls({ [VISIT]: visitCall(() => visits as Visits) }, { name: 'visits' }),
        locks(),
        LockReport,
        ...more,
      ],
    },

    setup(kernel) {
      const { machine } = kernel;
      const put = (name: string, value: bigint): void =>
        machine.kernelMemory.writeInteger(text.resolve(name), 8, value);
      put('serial', registers.serial);
      put('timer', registers.timer);
      put('timer_period', BigInt(options.timer));
      visits = new Visits(kernel, text, options.lock);
      terminal = new Terminal(kernel, options.type);
      machine.spawn(text.program('boot'), { comm: 'boot', mode: 'kernel' });
      // The devices are on: boot starts init, and waits for its end.
      startInit = () => {
        const left = new WaitQueue(machine, 'init to leave');
        const init = machine.spawn(programs.program('init'), { comm: 'init' });
        machine.hooks.exit.add((task) => {
          if (task === init) left.wakeAll();
        });
        return left.wait({ until: () => !init.alive });
      };
    },

    report(kernel) {
      const [counted, calls, ticks] = (['visits', 'calls', 'ticks'] as const).map((name) => visits?.read(name) ?? 0n);
      const problems = String(kernel.get(LockReport));
      return [
        terminal?.shown.trimEnd(),
        '',
        `visits: ${counted}, of ${calls} calls and ${ticks} interrupts; lost: ${(calls ?? 0n) + (ticks ?? 0n) - (counted ?? 0n)}`,
        ...(problems === '' ? [] : [problems]),
      ].join('\n');
    },
  });
}

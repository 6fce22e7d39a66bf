/*
 * A serial port and an interval timer. The timer's handler counts in a variable of the kernel, which the ksym tracer,
 * perf and gdb see it do; the port's handler sends back what is typed, in capitals.
 *
 *   hwbp run kernel.config.ts
 *   hwbp debug kernel.config.ts            then, in gdb: watch *(long *) 0xffffffff82a06000
 */
import { x86 } from '@hwbp/arch-x86';
import { type Access, CONSOLE, defineKernel, type Instruction, type Loaded, program } from '@hwbp/core';
import { intervalTimer, UART, uart16550 } from '@hwbp/devices';
import { KsymTracer } from '@hwbp/ftrace';

/** What the timer's handler counts in. */
export const TICKS = 0xffff_ffff_82a0_6000n;
const TIMER_TEXT = 0xffff_ffff_8120_0000n;
const PORT_TEXT = 0xffff_ffff_8121_0000n;
const IDLE_TEXT = 0xffff_ffff_8122_0000n;
const SERIAL_LINE = 4;
/** Instructions: a microsecond each. */
const BUDGET = 3000;

const port = (register: number, kind: 'read' | 'write', value = 0n): Access => ({
  kind,
  space: 'port',
  address: BigInt(0x3f8 + register),
  size: 1,
  ...(kind === 'write' ? { value } : {}),
});

/** The port's handler: as long as IIR says that there is a character, it goes back. */
function* echo(): Generator<Instruction, void, Loaded> {
  for (;;) {
    const [cause = 1n] = yield { pc: PORT_TEXT, length: 2, accesses: [port(UART.IIR_FCR, 'read')] };
    if (Number(cause & 0x0fn) === UART.IIR_NONE) return;
    const [letter = 0n] = yield { pc: PORT_TEXT + 2n, length: 2, accesses: [port(UART.RBR_THR_DLL, 'read')] };
    const capital = letter >= 0x61n && letter <= 0x7an ? letter - 0x20n : letter;
    yield { pc: PORT_TEXT + 4n, length: 2, accesses: [port(UART.RBR_THR_DLL, 'write', capital)] };
  }
}

/** A kernel thread sets the port up, and idles. */
function* start(): Generator<Instruction, void, Loaded> {
  const settings = [
    [UART.LCR, 3],
    [UART.IIR_FCR, UART.FCR_ENABLE],
    [UART.IER_DLM, UART.IER_ERBFI],
  ] as const;
  for (const [index, [register, value]] of settings.entries()) {
    const accesses = [port(register, 'write', BigInt(value))];
    yield { pc: IDLE_TEXT + BigInt(2 * index), length: 2, accesses };
  }
  for (;;) yield { pc: IDLE_TEXT + 0x10n, length: 2, next: IDLE_TEXT + 0x10n };
}

export default defineKernel({
  kernel: {
    arch: x86(),
    symbols: [
      { name: 'timer_ticks', address: TICKS, size: 8 },
      { name: 'timer_interrupt', address: TIMER_TEXT, size: 32 },
      { name: 'serial_interrupt', address: PORT_TEXT, size: 6 },
    ],
    plugins: [
      KsymTracer,
      uart16550({ line: SERIAL_LINE }),
      intervalTimer({ driver: { period: 500, counter: TICKS, text: TIMER_TEXT } }),
    ],
  },
  budget: BUDGET,

  setup(kernel) {
    const { files } = kernel.get(KsymTracer);
    files.write('current_tracer', 'ksym_tracer');
    files.write('ksym_trace_filter', 'timer_ticks:-w-');
    kernel.machine.interrupts.handle(SERIAL_LINE, { name: 'serial port', program: program(echo) });
    kernel.machine.spawn(program(start), { comm: 'kserial', mode: 'kernel' });
    kernel.get(CONSOLE).type(Uint8Array.from('ready\n', (letter) => letter.charCodeAt(0)));
  },

  report: (kernel) => kernel.get(KsymTracer).files.read('trace'),
});

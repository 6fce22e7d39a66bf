import { CONSOLE } from '@hwbp/core';
import {
  intervalTimer,
  TIMER_ENABLE,
  TIMER_EXPIRED,
  TIMER_ONE_SHOT,
  TIMER_REGISTERS,
  UART,
  uart16550,
} from '@hwbp/devices';
import type { DeviceContractOptions, DeviceUse } from '@hwbp/testkit';

/** A device of the project, and how it is used. */
export type DeviceUnderTest = Required<Pick<DeviceContractOptions, 'createDevice' | 'use'>>;

const { RBR_THR_DLL, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR } = UART;

/** A serial port whose registers are so many bytes apart. */
const uartUse = (apart: number): DeviceUse => ({
  quiet: [IER_DLM, LCR, MCR, SCR].map((register) => register * apart),
  interrupt: {
    line: 4,
    raise: ({ write }, kernel) => {
      write(LCR * apart, 3);
      write(IER_DLM * apart, 1);
      kernel.get(CONSOLE).type(Uint8Array.of(0x41));
    },
    acknowledge: ({ read }) => void read(RBR_THR_DLL * apart),
  },
  change: ({ write }) => {
    write(LCR * apart, 0x83);
    write(RBR_THR_DLL * apart, 0x0c);
    write(LCR * apart, 0x1b);
    write(IIR_FCR * apart, 0x81);
    write(MCR * apart, 0x0b);
    write(SCR * apart, 0x77);
    write(IER_DLM * apart, 0x0d);
  },
  look: ({ read, write }) => {
    const seen = [IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR].map((register) => read(register * apart));
    const control = read(LCR * apart);
    write(LCR * apart, control | 0x80n);
    seen.push(read(RBR_THR_DLL * apart), read(IER_DLM * apart));
    write(LCR * apart, control);
    return seen;
  },
});

const { CONTROL, PERIOD, STATUS, TICKS } = TIMER_REGISTERS;

/** Every device of the project. */
export const DEVICES: Readonly<Record<string, DeviceUnderTest>> = {
  uart16550: {
    createDevice: () => uart16550(),
    use: { ports: { first: 0x3f8, count: 8 }, ...uartUse(1) },
  },
  'uart16550 in memory': {
    createDevice: () => uart16550({ physical: 0x1000_0000n, shift: 2 }),
    use: { physical: { first: 0x1000_0000n, count: 32 }, ...uartUse(4) },
  },
  'interval timer': {
    createDevice: () => intervalTimer(),
    use: {
      physical: { first: 0xfed0_0000n, count: 0x14 },
      quiet: [CONTROL, PERIOD, STATUS, TICKS],
      interrupt: {
        line: 0,
        raise: ({ write }) => {
          write(PERIOD, 20);
          write(CONTROL, TIMER_ENABLE | TIMER_ONE_SHOT);
        },
        acknowledge: ({ write }) => write(STATUS, TIMER_EXPIRED),
      },
      change: ({ write }) => write(PERIOD, 1234),
      look: ({ read }) => [CONTROL, PERIOD, STATUS, TICKS].map((register) => read(register)),
    },
  },
};

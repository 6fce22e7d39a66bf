import { type Planted, plantedIn } from './planted.js';

const ONCE = 'device/a-load-asks-once-watched-or-not';
const STORE = 'device/a-store-is-one-and-watched-like-memory';
const SIZES = 'device/ports-and-addresses-have-values-of-their-size';
const PIECES = 'device/wide-and-misaligned-accesses-come-in-pieces-of-its-width';
const BORDER = 'device/an-access-over-the-border-of-two-asks-both';
const ONES = 'device/where-nobody-is-all-bits-are-ones';
const TWO = 'device/two-in-one-place-are-refused-with-both-names';
const THROWS = 'device/one-that-throws-is-told-by-name-and-reads-ones';
const LINE = 'device/a-line-interrupts-until-it-is-let-go';
const DMA = 'device/dma-reaches-memory-and-no-watch-sees-it';
const LOOKS = 'device/a-debugger-that-looks-disturbs-nobody';
const STOP = 'device/stop-gives-back-what-was-taken';
const ACKNOWLEDGED = 'device/under-test/interrupts-until-it-is-acknowledged';
const IMAGE = 'device/under-test/an-image-has-its-state';
const ANY = 'device/under-test/takes-any-access-without-an-error';
const QUIET = 'device/under-test/quiet-registers-read-the-same';

/** Defects of devices, and of what their kernel does for them. */
export const devices: readonly Planted[] = [
  ...plantedIn('core/src/hardware/bus-ranges.ts', 'device', 'x86', [
    [
      'a load asks twice',
      'return BigInt.asUintN(8 * size, whole.device.read(at - whole.first, size));',
      'return BigInt.asUintN(8 * size, whole.device.read(at - whole.first, size) & whole.device.read(at - whole.first, size));',
      ONCE,
      SIZES,
      PIECES,
    ],
    ['widths are no matter', 'const { width = size } = found.device;', 'const width = 8;', PIECES],
    ['an access over a border is for the first', ' || at + size > found.first + found.count', '', BORDER],
    ['where nobody is bits are 0', 'mapping === undefined ? -1n :', 'mapping === undefined ? 0n :', ONES],
    ['two may be in one place', 'if (taken !== undefined) {', 'if (taken === mapping) {', TWO],
    [
      'what is stored is not cut',
      'whole.device.write(at - whole.first, size, BigInt.asUintN(8 * size, value));',
      'whole.device.write(at - whole.first, size, value);',
      SIZES,
    ],
    ['the error does not name who is there', '[taken.device, device].map', '[device, device].map', TWO],
  ]),
  ...plantedIn('core/src/hardware/accesses.ts', 'device', 'power8', [
    [
      'registers are not watched',
      "    devices.onBus(access);\n    return 'memory';",
      "    devices.onBus(access);\n    return 'device';",
      ONCE,
      STORE,
    ],
    [
      'a store to a register is made twice',
      'storeToBus(cpu, access, stored ?? value ?? 0n);',
      'for (const _ of [1, 2]) storeToBus(cpu, access, stored ?? value ?? 0n);',
      STORE,
      THROWS,
    ],
  ]),
  ...plantedIn('core/src/hardware/device-accesses.ts', 'device', 'x86', [
    [
      'registers have one byte',
      'bus.readDevice(device, count);',
      'bus.readDevice(device, 1);',
      ONCE,
      SIZES,
      PIECES,
      BORDER,
      ONES,
      THROWS,
    ],
  ]),
  ...plantedIn('core/src/hardware/memory/address-space.ts', 'device', 'x86', [
    ['a debugger finds memory where a device is', 'force ? permissions !== DEVICE :', 'force ? true :', LOOKS],
  ]),
  ...plantedIn('core/src/kernel/devices/device-lines.ts', 'device', 'uart16550', [
    [
      'an interrupt is lost while another is served',
      'if (interrupts.handlersOf(line).length > 0) interrupts.raise(line, cpu);',
      'if (interrupts.handlersOf(line).length > 0) return;',
      LINE,
      ACKNOWLEDGED,
    ],
    [
      'who lets go speaks for everybody',
      'if (!asserting.delete(wire) || asserting.size > 0) return;',
      'asserting.delete(wire);',
      LINE,
    ],
    [
      'a line that is let go interrupts still',
      'this.#unhandled.delete(line);\n        this.#machine.interrupts.lower(line);',
      'this.#unhandled.delete(line);',
      LINE,
      STOP,
    ],
  ]),
  ...plantedIn('core/src/kernel/devices/dma.ts', 'device', 'x86', [
    [
      'DMA goes to another page',
      'const [frame, offset] = [Math.floor(at / pageSize), at % pageSize];',
      'const [frame, offset] = [Math.floor(at / pageSize), (at + 1) % pageSize];',
      DMA,
    ],
  ]),
  ...plantedIn('core/src/composition/guarded-device.ts', 'device', 'x86', [
    ['what throws reads as 0', 'let value = ONES;', 'let value = 0n;', THROWS],
    [
      'an error does not name its device',
      '      const read: unknown = this.#registers.read(offset, size);',
      '      let read: unknown; try { read = this.#registers.read(offset, size); } catch { return; }',
      THROWS,
    ],
  ]),
  ...plantedIn('core/src/composition/devices.ts', 'device', 'uart16550', [
    ['timers go on behind the end', '        for (const timer of this.#timers) timer.cancel();\n', '', STOP],
    [
      'a device’s state is in no image',
      '        taken.add(writeDown(name, found, this.#services.get(MACHINE)));\n',
      '',
      IMAGE,
    ],
  ]),
  ...plantedIn('devices/src/uart/uart.ts', 'device', 'uart16550', [
    [
      'it interrupts for ever',
      'this.#host.interrupt(this.#pending() !== IIR_NONE);',
      'if (this.#pending() !== IIR_NONE) this.#host.interrupt(true);',
      ACKNOWLEDGED,
    ],
    [
      'data do not interrupt',
      '(ier & IER_ERBFI) !== 0 && receiver.length >= trigger',
      '(ier & IER_ERBFI) === 0 && receiver.length >= trigger',
      ACKNOWLEDGED,
    ],
    ['an image has no divisor', "    this.#divisor = from.field('divisor').number(0, 0xffff);\n", '', IMAGE],
    ['reading the scratch register changes it', 'return this.#scr;', 'return this.#scr++ & 0xff;', QUIET],
    [
      'a register that it does not have throws',
      '      // LSR and MSR are for the factory to write.\n',
      "      default:\n        throw new RangeError('no register');\n",
      ANY,
    ],
  ]),
  ...plantedIn('devices/src/interval-timer.ts', 'device', 'interval timer', [
    [
      'its acknowledgement is not heard',
      '      this.#expired = false;\n      this.#interrupt.lower();',
      '      this.#expired = false;',
      ACKNOWLEDGED,
    ],
    [
      'it never interrupts',
      '    this.#expired = true;\n    this.#interrupt.raise();',
      '    this.#expired = true;',
      ACKNOWLEDGED,
    ],
    ['an image has no period', "    this.#period = from.field('period').number(1, 0xffff_ffff);\n", '', IMAGE],
    [
      'no period is an error',
      'this.#period = Math.max(1, value);',
      "if (value === 0) throw new RangeError('no period');\n      this.#period = value;",
      ANY,
    ],
  ]),
];

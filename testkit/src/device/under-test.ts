import { type Kernel, resumeKernel } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { plain } from '../lab/spot.js';
import { checkGone } from './bus.js';
import {
  type DeviceCase,
  type DeviceLab,
  type DeviceSubject,
  type DeviceUse,
  type Registers,
  registersOf,
} from './device-subject.js';

/** Instructions, more than any device needs. */
const WITHIN = 1000;

const hasDevice = ({ options }: DeviceSubject): boolean => options.createDevice !== undefined;

function deviceCase(
  id: string,
  run: (lab: DeviceLab, use: DeviceUse, registers: Registers, subject: DeviceSubject) => void,
  applies: (use: DeviceUse) => boolean = () => true,
): DeviceCase {
  return {
    id: `device/under-test/${id}`,
    applies: (subject) => hasDevice(subject) && applies(subject.use),
    run: (subject) => {
      const lab = subject.lab(subject.device());
      run(lab, subject.use, registersOf(subject.use, lab.kernel), subject);
    },
  };
}

/** True where the device has a register. */
function isThere({ hardware }: Kernel, { ports, physical }: DeviceUse): boolean {
  const port = ports !== undefined && hardware.bus.has(ports.first);
  return port || (physical !== undefined && hardware.bus.hasAddress(physical.first));
}

/** A task that would go on for ever executes so many instructions. */
function pass(lab: DeviceLab, instructions: number): void {
  if (lab.machine.tasks.size === 0) {
    lab.task(function* () {
      for (;;) yield plain();
    });
  }
  lab.machine.run(instructions);
}

/** What one device promises. */
export const underTestCases: readonly DeviceCase[] = [
  deviceCase('is-where-it-says', (lab, { ports, physical }) => {
    const { bus } = lab.kernel.hardware;
    for (let port = 0; port < (ports?.count ?? 0); port++) {
      ok(bus.has((ports?.first ?? 0) + port), `a device is at port ${(ports?.first ?? 0) + port}`);
    }
    for (let at = 0; at < (physical?.count ?? 0); at++) {
      ok(bus.hasAddress((physical?.first ?? 0n) + BigInt(at)), `a device is ${at} bytes from its first address`);
    }
    lab.finish();
  }),

  deviceCase('takes-any-access-without-an-error', (lab, use, registers) => {
    const count = use.ports?.count ?? use.physical?.count ?? 0;
    for (const size of use.sizes ?? [1, 2, 4]) {
      for (const value of [0, 0xffff_ffff, 0x5555_5555, 1]) {
        for (let offset = 0; offset < count; offset++) {
          registers.write(offset, BigInt.asUintN(8 * size, BigInt(value)), size);
          const read = registers.read(offset, size);
          ok(read >= 0n && read < 1n << BigInt(8 * size), `${size} bytes at ${offset} read as ${read}`);
        }
      }
      pass(lab, 200);
    }
    equal(lab.errors, [], 'errors in the kernel’s error channel');
    lab.finish();
  }),

  deviceCase(
    'quiet-registers-read-the-same',
    (lab, { quiet = [] }, registers) => {
      for (const offset of quiet) {
        equal(registers.read(offset), registers.read(offset), `the register at ${offset}, read twice`);
      }
      lab.finish();
    },
    ({ quiet }) => quiet !== undefined,
  ),

  deviceCase(
    'interrupts-until-it-is-acknowledged',
    (lab, { interrupt }, registers) => {
      if (interrupt === undefined) return;
      const { line, within = WITHIN } = interrupt;
      let entered = 0;
      const end = lab.machine.interrupts.handle(line, {
        name: 'suite',
        action: () => {
          entered++;
          if (entered === 2) interrupt.acknowledge(registers, lab.kernel);
        },
      });
      for (const round of [1, 2]) {
        entered = 0;
        interrupt.raise(registers, lab.kernel);
        pass(lab, within);
        ok(entered >= 2, `round ${round}: it interrupts until it is acknowledged; handlers entered: ${entered}`);
        interrupt.acknowledge(registers, lab.kernel);
        const before = entered;
        pass(lab, 10);
        equal(entered, before, `round ${round}: handlers entered once it is acknowledged`);
      }
      end();
      lab.finish();
    },
    ({ interrupt }) => interrupt !== undefined,
  ),

  deviceCase('stop-gives-back-what-it-took', (lab, use, registers) => {
    use.interrupt?.raise(registers, lab.kernel);
    pass(lab, use.interrupt?.within ?? WITHIN);
    lab.finish();
    checkGone(lab, isThere(lab.kernel, use));
  }),

  deviceCase('is-refused-where-it-is-already', (lab, _use, _registers, subject) => {
    lab.finish();
    thrown(() => subject.lab(subject.device(), subject.device()), 'the same device twice in one kernel');
  }),

  deviceCase(
    'kernels-have-devices-of-their-own',
    (lab, use, registers, subject) => {
      const other = subject.lab(subject.device());
      const before = use.look?.(registersOf(use, other.kernel), other.kernel);
      use.change?.(registers, lab.kernel);
      equal(use.look?.(registersOf(use, other.kernel), other.kernel), before, 'the device of another kernel');
      other.finish();
      lab.finish();
    },
    ({ change, look }) => change !== undefined && look !== undefined,
  ),

  deviceCase(
    'an-image-has-its-state',
    (lab, use, registers, subject) => {
      use.change?.(registers, lab.kernel);
      const image = JSON.parse(JSON.stringify(lab.kernel.hibernate()));
      const again = subject.device();
      using resumed = resumeKernel(subject.composition([again]), image);
      lab.kernel.resume();
      const found = use.look?.(registersOf(use, resumed), resumed);
      equal(found, use.look?.(registers, lab.kernel), 'what is to see of it in the kernel that goes on');
      lab.finish();
    },
    ({ change, look }) => change !== undefined && look !== undefined,
  ),
];

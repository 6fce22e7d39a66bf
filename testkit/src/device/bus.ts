import {
  type Access,
  type DeviceHost,
  type DeviceRegisters,
  device,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
} from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { dataKinds, TYPE_OF } from '../lab/conditions.js';
import type { DeviceCase, DeviceLab, DeviceSubject } from './device-subject.js';

/** Where the suite's own devices are. */
const PHYSICAL = 0xfd00_0000n;
const PORT = 0x2f0;

/** Registers that note who asks, and answer a number more each time. */
class Notes implements DeviceRegisters {
  readonly seen: string[] = [];
  readonly width?: number;
  /** Where the kernel's instructions find them. */
  address = 0n;
  #next = 0x41;

  constructor(width?: number) {
    if (width !== undefined) this.width = width;
  }

  read(offset: number, size: number): number {
    this.seen.push(`read ${offset}/${size}`);
    return this.#next++;
  }

  write(offset: number, size: number, value: bigint): void {
    this.seen.push(`write ${offset}/${size} ${value.toString(16)}`);
  }

  plugin(name = 'notes', count = 16) {
    return device(name, (host) => {
      host.ports(PORT, count, this);
      this.address = host.map(PHYSICAL, count, this);
      return {};
    });
  }
}

const load = (address: bigint, size = 4): Access => ({ kind: 'read', address, size });

function busCase(id: string, run: (subject: DeviceSubject) => void): DeviceCase {
  return { id: `device/${id}`, run };
}

/** A watch on a register, of the first kind that a load or a store hits. */
function watch(lab: DeviceLab, address: bigint, letter: 'r' | 'w', hits: string[]) {
  const wanted = letter === 'r' ? HW_BREAKPOINT_R : HW_BREAKPOINT_W;
  const kind = dataKinds(lab.manifest).find((one) => (TYPE_OF[one] & wanted) !== 0);
  if (kind === undefined) return undefined;
  const bp_len = lab.manifest.dataLengths.includes(4) ? 4 : (lab.manifest.dataLengths[0] ?? 4);
  return lab.onCpu(0, { bp_type: TYPE_OF[kind], bp_addr: address, bp_len }, ({ mode }) => void hits.push(mode));
}

/** What every device relies on. */
export const busCases: readonly DeviceCase[] = [
  busCase('a-load-asks-once-watched-or-not', (subject) => {
    for (const watched of [false, true]) {
      const notes = new Notes();
      const lab = subject.lab(notes.plugin());
      const hits: string[] = [];
      const set = watched ? watch(lab, notes.address, 'r', hits) : undefined;
      equal(lab.access(load(notes.address)), [0x41n], 'what a load of a register finds');
      equal(notes.seen, ['read 0/4'], `what its device was asked, ${watched ? 'under a watch' : 'by a load'}`);
      if (set !== undefined) equal(hits, ['kernel'], 'hits of the watch on it');
      lab.finish();
    }
  }),

  busCase('a-store-is-one-and-watched-like-memory', (subject) => {
    const notes = new Notes();
    const lab = subject.lab(notes.plugin());
    const hits: string[] = [];
    const set = watch(lab, notes.address + 8n, 'w', hits);
    lab.access({ kind: 'write', address: notes.address + 8n, size: 4, value: 0xabn });
    equal(notes.seen, ['write 8/4 ab'], 'what the device got');
    if (set !== undefined) equal(hits, ['kernel'], 'hits of the watch on the register');
    lab.finish();
  }),

  busCase('an-instruction-that-faults-asks-nobody', (subject) => {
    const notes = new Notes();
    const lab = subject.lab(notes.plugin());
    const missing: Access = { kind: 'write', address: 0x1000n, size: 4, value: 1n };
    const { text } = lab;
    lab.task([{ pc: text, length: 4, accesses: [load(notes.address), missing] }], {
      mode: 'kernel',
      demandZero: false,
    });
    lab.machine.run(100);
    equal(notes.seen, [], 'what the device was asked by an instruction that did not complete');
    lab.finish();
  }),

  busCase('ports-and-addresses-have-values-of-their-size', (subject) => {
    const notes = new Notes();
    const lab = subject.lab(notes.plugin());
    const port = (size: number): Access => ({ kind: 'read', space: 'port', address: BigInt(PORT + 4), size });
    equal(lab.access(port(1), port(2), port(4), load(notes.address + 2n, 2)), [0x41n, 0x42n, 0x43n, 0x44n], 'loads');
    equal(notes.seen, ['read 4/1', 'read 4/2', 'read 4/4', 'read 2/2'], 'what the device was asked');
    lab.access({ kind: 'write', space: 'port', address: BigInt(PORT), size: 1, value: 0x1ffn });
    equal(notes.seen.at(-1), 'write 0/1 ff', 'a store of more than its size');
    lab.finish();
  }),

  busCase('wide-and-misaligned-accesses-come-in-pieces-of-its-width', (subject) => {
    const notes = new Notes(2);
    const lab = subject.lab(notes.plugin());
    lab.access(load(notes.address, 4), load(notes.address + 3n, 2), load(notes.address + 6n, 2));
    const seen = ['read 0/2', 'read 2/2', 'read 3/1', 'read 4/1', 'read 6/2'];
    equal(notes.seen, seen, 'what a device of 2 bytes was asked');
    lab.finish();
  }),

  busCase('an-access-over-the-border-of-two-asks-both', (subject) => {
    const [one, two] = [new Notes(), new Notes()];
    const behind = device('behind', (host) => {
      host.map(PHYSICAL + 16n, 4, two);
      host.ports(PORT + 16, 4, two);
      return {};
    });
    const lab = subject.lab(one.plugin(), behind);
    lab.access(load(one.address + 14n, 4), { kind: 'read', space: 'port', address: BigInt(PORT + 14), size: 4 });
    equal(
      [one.seen, two.seen],
      [
        ['read 14/2', 'read 14/2'],
        ['read 0/2', 'read 0/2'],
      ],
      'what the two were asked',
    );
    lab.finish();
  }),

  busCase('where-nobody-is-all-bits-are-ones', (subject) => {
    const notes = new Notes();
    const lab = subject.lab(notes.plugin());
    const found = lab.access(load(notes.address + 0x20n), {
      kind: 'read',
      space: 'port',
      address: BigInt(PORT + 16),
      size: 2,
    });
    equal(found, [0xffff_ffffn, 0xffffn], 'loads behind the device, in its page and behind its ports');
    equal(notes.seen, [], 'what it was asked');
    lab.finish();
  }),

  busCase('two-in-one-place-are-refused-with-both-names', (subject) => {
    const error = thrown(
      () => subject.lab(new Notes().plugin('first'), new Notes().plugin('second')),
      'two devices in one place',
    );
    for (const name of ["'first'", "'second'"]) ok(String(error).includes(name), `the error names ${name}: ${error}`);
  }),

  busCase('one-that-throws-is-told-by-name-and-reads-ones', (subject) => {
    let address = 0n;
    const broken = device('broken', (host) => {
      const fail = (): never => {
        throw new RangeError('no such register');
      };
      address = host.map(PHYSICAL, 4, { read: fail, write: fail });
      return {};
    });
    const lab = subject.lab(broken);
    equal(lab.access(load(address)), [0xffff_ffffn], 'what a load finds');
    lab.access({ kind: 'write', address, size: 4, value: 1n });
    equal(lab.errors.length, 2, 'errors that were told');
    for (const error of lab.errors) ok(error.includes("'broken'"), `the error names the device: ${error}`);
    lab.finish();
  }),

  busCase('a-line-interrupts-until-it-is-let-go', (subject) => {
    let entered = 0;
    let host: DeviceHost | undefined;
    const plugin = device('bell', (given) => {
      host = given;
      return {};
    });
    const lab = subject.lab(plugin);
    const wire = host?.line(7);
    const other = host?.line(7);
    if (wire === undefined || other === undefined) return;
    const end = lab.machine.interrupts.handle(7, {
      name: 'bell',
      action: () => {
        entered++;
        // It serves one of the two that share the line, then the other.
        if (entered === 2) wire.lower();
        if (entered === 4) other.lower();
      },
    });
    wire.raise();
    other.raise();
    lab.machine.run(100);
    equal(entered, 4, 'times that the handler was entered, until both had let go');
    wire.raise();
    wire.lower();
    lab.machine.run(100);
    equal(entered, 4, 'and once it was let go before anybody took it');
    end();
    lab.finish();
  }),

  busCase('dma-reaches-memory-and-no-watch-sees-it', (subject) => {
    let host: DeviceHost | undefined;
    const disk = device('disk', (given) => {
      host = given;
      return {};
    });
    const lab = subject.lab(disk);
    const task = lab.task([{ pc: 0x40_0000n, length: 4 }]);
    task.memory.map(0x20_0000n, 8);
    const hits: string[] = [];
    watch(lab, 0x20_0000n, 'w', hits);
    const place = task.memory.translate(0x20_0000n, true);
    const { pageSize } = lab.manifest;
    const physical = BigInt(place?.frame ?? 0) * BigInt(pageSize) + BigInt(place?.offset ?? 0);
    host?.dma.write(physical, Uint8Array.of(1, 2, 3, 4));
    equal([...task.memory.read(0x20_0000n, 4)], [1, 2, 3, 4], 'what the task finds');
    equal([...(host?.dma.read(physical, 4) ?? [])], [1, 2, 3, 4], 'what the device finds');
    lab.run();
    equal(hits, [], 'hits of a watch that a device wrote under');
    lab.finish();
  }),

  busCase('a-debugger-that-looks-disturbs-nobody', (subject) => {
    const notes = new Notes();
    const lab = subject.lab(notes.plugin());
    const { kernelMemory } = lab.machine;
    equal(kernelMemory.peek(notes.address, 4, { force: true }).length, 0, 'bytes that a debugger is shown');
    thrown(() => kernelMemory.write(notes.address, Uint8Array.of(1), { force: true }), 'a store of a debugger');
    equal(notes.seen, [], 'what the device was asked');
    lab.finish();
  }),

  busCase('stop-gives-back-what-was-taken', (subject) => {
    const all = device('all', (host) => {
      const registers = new Notes();
      host.ports(PORT, 4, registers);
      host.map(PHYSICAL, 4, registers);
      host.dma.allocate();
      host.every(1_000_000, () => {});
      host.after(1_000_000, () => {});
      host.line(3).raise();
      return {};
    });
    const lab = subject.lab(all);
    const { hardware } = lab.kernel;
    lab.finish();
    checkGone(lab, hardware.bus.has(PORT) || hardware.bus.hasAddress(PHYSICAL));
  }),
];

/** Nothing of a device is left in the hardware. */
export function checkGone({ machine }: DeviceLab, isThere: boolean): void {
  ok(!isThere, 'its registers are nowhere any more');
  for (const { index, alarms, interrupts } of machine.cpus) {
    equal(alarms.size, 0, `alarms that are set on CPU ${index}`);
    equal(interrupts.pending, false, `CPU ${index} has an interrupt pending`);
  }
  for (const [name, list] of Object.entries(machine.hooks)) equal(list.size, 0, `hooks of ${name} that are left`);
}

import {
  HARDWARE_DEBUG_REQUESTS,
  type HardwareDebugRequest,
  type HardwareDebugRequests,
  KernelError,
  PPC_BREAKPOINT_MODE_EXACT,
  PPC_BREAKPOINT_MODE_MASK,
  PPC_BREAKPOINT_MODE_RANGE_EXCLUSIVE,
  PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE,
  PPC_BREAKPOINT_TRIGGER_READ,
  PPC_BREAKPOINT_TRIGGER_WRITE,
  PPC_DEBUG_FEATURE_DATA_BP_MASK,
  PPC_DEBUG_FEATURE_DATA_BP_RANGE,
  program,
  type Task,
} from '@hwbp/core';
import { equal, ok, thrown, throwsErrno } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { type FacetCase, facetCase } from './facet-subject.js';
import { Storing, store, storingChild } from './traps.js';

const FIRST = 0x10_0000n;

/** Watches stores to the bytes of one word. */
function request(more: Partial<HardwareDebugRequest> = {}): HardwareDebugRequest {
  return {
    version: 1,
    trigger_type: PPC_BREAKPOINT_TRIGGER_WRITE,
    addr_mode: PPC_BREAKPOINT_MODE_EXACT,
    condition_mode: 0,
    addr: FIRST,
    addr2: 0n,
    condition_value: 0n,
    ...more,
  };
}

function requesting(id: string, run: (requests: HardwareDebugRequests, lab: Lab, slots: number) => void): FacetCase {
  return facetCase(`debug-requests-${id}`, HARDWARE_DEBUG_REQUESTS, (requests, lab) =>
    run(requests, lab, requests.info().num_data_bps),
  );
}

/** A request that throws, behind which everything is as it was. */
function refused(lab: Lab, action: () => unknown, what: string): KernelError {
  let error: unknown;
  lab.unchangedBy(what, () => {
    error = thrown(action, what);
  });
  ok(error instanceof KernelError, `${what}: refused with a KernelError, got ${String(error)}`);
  return error;
}

const asleep = (lab: Lab): Task => lab.task([plain()], { run: false });

/** Breakpoints that debuggers in user space ask for by what they want. */
export const debugRequestCases: readonly FacetCase[] = [
  requesting('say-what-there-is', (requests, lab) => {
    const info = requests.info();
    const { manifest } = lab;
    ok(info.version >= 1, `version ${info.version}, from 1`);
    ok(
      info.num_data_bps <= manifest.slots.data,
      `${info.num_data_bps} data breakpoints, of ${manifest.slots.data} registers`,
    );
    ok(info.num_instruction_bps <= manifest.slots.instruction, `${info.num_instruction_bps} instruction breakpoints`);
    if (manifest.access.includes('w'))
      ok(info.num_data_bps > 0, 'there are data breakpoints where stores can be watched');
    ok(info.data_bp_alignment > 0, 'alignment of data breakpoints');
    equal(requests.info(), info, 'what it says when it is asked again');
  }),

  requesting('give-every-handle-once', (requests, lab, slots) => {
    const task = asleep(lab);
    const handles = Array.from({ length: slots }, (_, i) =>
      requests.set(task, request({ addr: FIRST + BigInt(i) * 0x400n })),
    );
    equal(new Set(handles).size, slots, 'handles, each given once');
    for (const handle of handles) ok(Number.isInteger(handle) && handle >= 1, `handle ${handle}, from 1`);
    if (slots > 0)
      equal(refused(lab, () => requests.set(task, request()), 'one more').errno, 'ENOSPC', 'errno of one more');
    for (const handle of handles) {
      requests.remove(task, handle);
      equal(requests.set(task, request()), handle, 'the handle of the next one: that which was free');
    }
    for (const handle of handles) requests.remove(task, handle);
    ok(!lab.breakpoints.isUsed, 'no slot is used once all are removed');
  }),

  requesting('refuse-handles-that-are-not-taken', (requests, lab, slots) => {
    const task = asleep(lab);
    for (const handle of [0, -1, slots + 1, 1000, 1n << 32n, 0.5]) {
      const { errno } = refused(lab, () => requests.remove(task, handle), `removing handle ${handle}`);
      equal(
        errno,
        slots === 0 && handle === 1 ? 'ENOENT' : 'EINVAL',
        `errno of removing handle ${handle}, which cannot be`,
      );
    }
    if (slots === 0) return;
    const handle = requests.set(task, request());
    const other = asleep(lab);
    equal(
      refused(lab, () => requests.remove(other, handle), "removing another task's").errno,
      'ENOENT',
      "errno of removing another task's",
    );
    requests.remove(task, handle);
    equal(
      refused(lab, () => requests.remove(task, handle), 'removing it twice').errno,
      'ENOENT',
      'errno of removing it twice',
    );
  }),

  requesting('watch', (requests, lab, slots) => {
    if (slots === 0) return;
    const one = new Storing(lab, [FIRST]);
    const other = new Storing(lab, [FIRST]);
    one.expect(0, 'before anything is asked for');
    let handle = requests.set(one.task, request());
    one.expect(1, 'once it is watched');
    other.expect(0, 'by another task');
    requests.remove(one.task, handle);
    one.expect(0, 'once it is removed');
    handle = requests.set(one.task, request({ trigger_type: PPC_BREAKPOINT_TRIGGER_READ }));
    one.expect(0, 'where only reads are watched');
    requests.remove(one.task, handle);
    requests.set(one.task, request({ trigger_type: PPC_BREAKPOINT_TRIGGER_READ | PPC_BREAKPOINT_TRIGGER_WRITE }));
    one.expect(1, 'where reads and writes are watched');
  }),

  requesting('watch-ranges', (requests, lab, slots) => {
    if (slots === 0 || (requests.info().features & PPC_DEBUG_FEATURE_DATA_BP_RANGE) === 0n) return;
    // Where stores begin, and whether they reach into the 8 bytes.
    const size = BigInt(lab.manifest.wordSize);
    const range = { addr_mode: PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE, addr: FIRST + 8n, addr2: FIRST + 16n };
    for (const [address, hits] of [
      [FIRST + 8n - size, 0],
      [FIRST + 8n, 1],
      [FIRST + 16n - size, 1],
      [FIRST + 16n, 0],
    ] as const) {
      const one = new Storing(lab, [address]);
      const handle = requests.set(one.task, request(range));
      one.expect(
        hits,
        `of ${size} bytes at 0x${address.toString(16)}, with 0x${range.addr.toString(16)} up to 0x${range.addr2.toString(16)} watched`,
      );
      requests.remove(one.task, handle);
      lab.machine.exit(one.task);
    }
  }),

  requesting('a-refusal-changes-nothing', (requests, lab, slots) => {
    const one = new Storing(lab, [FIRST]);
    if (slots > 0) requests.set(one.task, request());
    const { manifest } = lab;
    const { features } = requests.info();
    const maskable = (features & PPC_DEBUG_FEATURE_DATA_BP_MASK) !== 0n;
    const bad: Readonly<Record<string, Partial<HardwareDebugRequest>>> = {
      'version 0': { version: 0 },
      'version 2': { version: 2 },
      'no trigger': { trigger_type: 0 },
      'a trigger that there is not': { trigger_type: 8 },
      'a trigger that there is not beside one that there is': { trigger_type: PPC_BREAKPOINT_TRIGGER_WRITE | 0x10 },
      'a condition': { condition_mode: 1 },
      'a mode that there is not': { addr_mode: 4 },
      'all but a range': { addr_mode: PPC_BREAKPOINT_MODE_RANGE_EXCLUSIVE, addr2: FIRST + 16n },
      'an address of the kernel': { addr: manifest.directMap },
      'the first address that is not of user space': { addr: manifest.taskSize },
      'a range that ends before it begins': { addr_mode: PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE, addr2: FIRST - 8n },
      'a range without a byte': { addr_mode: PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE, addr2: FIRST },
      ...(maskable ? {} : { 'a mask': { addr_mode: PPC_BREAKPOINT_MODE_MASK, addr2: ~7n } }),
    };
    const free = asleep(lab);
    for (const [what, more] of Object.entries(bad)) refused(lab, () => requests.set(free, request(more)), what);
    throwsErrno(() => requests.set(free, request({ addr: manifest.directMap })), 'EIO', 'an address of the kernel');
    one.expect(slots > 0 ? 1 : 0, 'behind requests that were refused');
    if (slots === 0) return;
    // Handles that were never given are all there.
    for (let i = 0; i < slots; i++) requests.set(free, request({ addr: FIRST + BigInt(i) * 0x400n }));
  }),

  requesting('children-have-none', (requests, lab, slots) => {
    if (slots === 0) return;
    const one = new Storing(lab, [FIRST]);
    const handle = requests.set(one.task, request());
    for (const thread of [false, true]) {
      const { child, signals } = storingChild(lab, one.task, FIRST, thread);
      const { errno } = refused(lab, () => requests.remove(child, handle), "a child's removing of its parent's");
      equal(errno, 'ENOENT', "errno of a child's removing of its parent's");
      lab.machine.run();
      equal(signals, [], `signals of a ${thread ? 'thread' : 'child'} that stores`);
    }
    one.expect(1, 'by the parent');
  }),

  requesting('end-with-exec-and-exit', (requests, lab, slots) => {
    if (slots === 0) return;
    const one = new Storing(lab, [FIRST]);
    const handle = requests.set(one.task, request());
    lab.machine.exec(one.task, program([store(lab, FIRST), plain()]));
    ok(!lab.breakpoints.isUsed, 'no slot is used behind exec');
    equal(requests.set(one.task, request()), handle, 'the handle of the next one, behind exec');
    lab.machine.exit(one.task);
    ok(!lab.breakpoints.isUsed, 'no slot is used once the task has ended');
  }),

  requesting('a-full-machine-refuses', (requests, lab, slots) => {
    if (slots === 0) return;
    const task = asleep(lab);
    const held = Array.from({ length: lab.manifest.slots.data }, (_, i) => lab.onCpu(1, lab.spot(i).attr));
    equal(refused(lab, () => requests.set(task, request()), 'a request').errno, 'ENOSPC', 'errno where a CPU is full');
    for (const { breakpoint } of held) lab.breakpoints.unregister(breakpoint);
    equal(requests.set(task, request()), 1, 'the handle of the next one');
  }),
];

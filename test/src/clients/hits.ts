import { DR6_RESET, X86DebugUnit, X86Driver, x86, x86Backend } from '@hwbp/arch-x86';
import {
  composeKernel,
  FILTER_MASK,
  FILTER_WRITE,
  type Hit,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  lowHalf,
  program,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';

const DATA = 0x1000n;
const TEXT = 0x40_0000n;

/** A composed kernel with a task that is watched. */
function kernelHits(): string[] {
  using kernel = composeKernel({ arch: x86(), cpus: 2 });
  const hits: string[] = [];
  const store = { kind: 'write', address: DATA + 2n, size: 4, value: 7n } as const;
  const task = kernel.machine.spawn(
    program(function* () {
      for (let i = 0; i < 3; i++) yield { pc: TEXT + BigInt(4 * i), length: 4, accesses: i === 1 ? [store] : [] };
    }),
  );
  const note = ({ breakpoint, pc, ip }: Hit) => {
    hits.push(`${breakpoint.owner} pc 0x${pc.toString(16)} ip 0x${ip.toString(16)}`);
  };
  const { breakpoints } = kernel;
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 4 }, note, task, { owner: 'data' });
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_X, bp_addr: TEXT, bp_len: 8 }, note, task, { owner: 'text' });
  kernel.machine.run();
  return hits;
}

/** A CPU loop of one's own: one lookup for each store, one call where it hits. */
function loopHits(): string[] {
  const unit = new X86DebugUnit();
  const driver = new X86Driver({ unit });
  const info = x86Backend().parse({ bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 4 });
  driver.install(0, { info, delivery: 'after', owner: 'loop' });
  const state = { mode: 'user', singleStep: false, resume: false } as const;
  const hits: string[] = [];
  const memory = new Uint8Array(0x2000);
  for (let at = lowHalf(DATA) - 8; at < lowHalf(DATA) + 8; at++) {
    if (unit.filter.table[FILTER_WRITE | ((at >>> 3) & FILTER_MASK)] !== 0) unit.access(FILTER_WRITE, 0, at, 1);
    memory[at] = 1;
    if (!unit.pending || unit.retire(state) === undefined) continue;
    hits.push(`0x${at.toString(16)} DR6 0x${unit.status.toString(16)}`);
    unit.setStatus(DR6_RESET);
  }
  return hits;
}

/** What a debugger hears from a kernel: packets in, packets out. */
function debuggerHears(): string[] {
  using kernel = composeKernel({ arch: x86(), plugins: [Kgdb] });
  kernel.machine.spawn(
    program([
      { pc: TEXT, length: 4, accesses: [{ kind: 'write', address: DATA, size: 4 }] },
      { pc: TEXT + 4n, length: 4 },
    ]),
  );
  const heard: string[] = [];
  const session = kernel.get(Kgdb).attach({ send: (bytes) => heard.push(String.fromCharCode(...bytes)) });
  for (const packet of ['$Z2,1000,4#d9', '$c#63']) {
    session.receive(Uint8Array.from(packet, (character) => character.charCodeAt(0)));
  }
  session.run(100);
  return heard;
}

/** Hits of every kind: the same in Node and in a browser. */
export function takeHits(): Readonly<Record<'kernel' | 'loop' | 'debugger', readonly string[]>> {
  return { kernel: kernelHits(), loop: loopHits(), debugger: debuggerHears() };
}

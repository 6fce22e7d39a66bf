import { KernelError, targetLayout } from '@hwbp/core';
import type { DebugTarget, PointType, Progress, ResumePlan, Stop, StopReason } from '@hwbp/kgdb';
import type { CoreAccess, RiscvCore } from './riscv.js';

const SIGINT = 2;
const SIGTRAP = 5;
const SIGSEGV = 11;

/** GDB's names of the registers, in its order. */
const NAMES =
  'zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc'.split(' ');
const PC = 32;

/** The only thread. */
const HART = { id: 1, name: 'hart 0', cpu: 0 };

const LAYOUT = targetLayout({
  architecture: 'riscv:rv32',
  features: [{ name: 'org.gnu.gdb.riscv.cpu', registers: NAMES.map((name) => ({ name, bits: 32 })) }],
  byteOrder: 'little',
  counter: 'pc',
  expedited: ['sp', 'pc'],
});

/** How a stop at a point of each type is called. */
const REASONS = ['swbreak', 'hwbreak', 'watch', 'rwatch', 'awatch'] as const;

interface Point {
  readonly type: PointType;
  readonly address: bigint;
  readonly length: number;
}

function isHit({ type, address, length }: Point, access: CoreAccess): boolean {
  const wanted = type === 4 || type === (access.store ? 2 : 3);
  const at = BigInt(access.address);
  return wanted && at < address + BigInt(length) && at + BigInt(access.size) > address;
}

/** A core as gdb sees it: one thread, with as many breakpoints and watchpoints as anybody wants. */
export function riscvTarget(core: RiscvCore): DebugTarget {
  const bytes = new Uint8Array(core.memory.buffer);
  const points = new Map<string, Point>();
  let stop: Stop = { kind: 'stopped', signal: SIGTRAP, thread: 1 };
  let plan: ResumePlan | undefined = {};
  let interrupted = false;

  const halt = (how: Stop): Progress => {
    stop = how;
    plan = undefined;
    interrupted = false;
    execution.onStop(how);
    return 'stopped';
  };
  const halted = (signal: number, reason?: StopReason): Progress =>
    halt({ kind: 'stopped', signal, thread: 1, ...(reason === undefined ? {} : { reason }) });

  /** Why it stops before the next instruction: gdb expects so of RISC-V, for watches too, and steps over it itself. */
  const due = (): StopReason | undefined => {
    const access = core.access;
    for (const point of points.values()) {
      const kind = REASONS[point.type];
      if (kind === 'swbreak' || kind === 'hwbreak') {
        if (point.address === BigInt(core.pc)) return { kind };
      } else if (access !== undefined && isHit(point, access)) return { kind, address: point.address };
    }
    return undefined;
  };

  const execution: DebugTarget['execution'] = {
    get stop() {
      return stop;
    },
    bias: undefined,
    onStop() {},
    resume(wanted) {
      plan = wanted;
    },
    interrupt() {
      interrupted = true;
    },
  };

  return {
    execution,
    threads: {
      list: () => [HART],
      info: (id) => (id === HART.id ? HART : undefined),
      exists: (id) => id === HART.id,
      cpuOf: () => HART.cpu,
    },
    registers: {
      description: LAYOUT,
      read: (_, register) => BigInt.asUintN(32, BigInt(register === PC ? core.pc : (core.x[register] ?? 0))),
      write(_, register, value) {
        if (register === PC) core.pc = Number(value);
        else if (register > 0) core.x[register] = Number(BigInt.asIntN(32, value));
      },
    },
    memory: {
      read: (_, address, length) => bytes.slice(Number(address), Number(address) + length),
      write(_, address, written) {
        if (Number(address) + written.length > bytes.length)
          throw new KernelError('NO_MEMORY', 'EFAULT', `there are ${bytes.length} bytes of memory`);
        bytes.set(written, Number(address));
      },
    },
    points: {
      insert(type, address, length) {
        points.set(`${type},${address},${length}`, { type, address, length });
        return 'ok';
      },
      remove(type, address, length) {
        points.delete(`${type},${address},${length}`);
        return 'ok';
      },
      clear: () => points.clear(),
    },
    attach: () => void (stop.kind === 'stopped' && halted(SIGTRAP)),
    run(budget) {
      for (let left = budget; left > 0; left--) {
        if (plan === undefined) return 'stopped';
        if (interrupted) return halted(SIGINT);
        try {
          const reason = due();
          if (reason !== undefined) return halted(SIGTRAP, reason);
          if (!core.step()) return halt({ kind: 'exited', code: (core.x[10] ?? 0) & 0xff });
        } catch {
          return halted(SIGSEGV);
        }
        const { step } = plan;
        if (step !== undefined && !(BigInt(core.pc) >= step.start && BigInt(core.pc) < step.end))
          return halted(SIGTRAP);
      }
      return 'budget';
    },
    get ended() {
      return stop.kind !== 'stopped';
    },
    release() {
      points.clear();
      if (stop.kind === 'stopped') plan = {};
    },
  };
}

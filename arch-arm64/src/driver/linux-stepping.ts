import {
  type Cpu,
  type DieRecord,
  type HitReport,
  type Occupant,
  type ResumePoint,
  type Task,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { BREAKPOINT } from '../silicon/arm64-debug-unit.js';
import { PRIVILEGE_EL1 } from '../silicon/control.js';
import { ISS_WNR } from '../silicon/syndrome.js';
import type { Arm64Breakpoint } from './arm64-breakpoint.js';
import type { Arm64Driver, Pool } from './arm64-driver.js';
import { reportedBreakpoints, reportedWatchpoints } from './reported.js';
import type { Arm64ThreadState } from './thread-state.js';

/** What an exception still has to do once everybody has been told. */
export interface LinuxTelling {
  /** Who of those whose hit it is decides who goes past the instruction. */
  readonly decider: Occupant<Arm64Breakpoint>;
  readonly pool: Pool;
}

/** What it works with. */
export interface SteppingParts {
  driver(cpu: Cpu): Arm64Driver;
  /** What it keeps with a task. */
  thread(task: Task): Arm64ThreadState;
  /** The same, if there is something. */
  known(task: Task): Arm64ThreadState | undefined;
  /** Has the instruction executed without the breakpoints, or without any of the registers. */
  pass(cpu: Cpu, pool: Pool): void;
  /** True: hits of the kernel's own copies are told too. */
  readonly copiesCount: boolean;
}

/** Starts a step of a task, unless one is under way (Linux: user_enable_single_step). */
export function enableStep(context: ResumePoint): void {
  if (context.singleStep) return;
  context.singleStep = true;
  context.stepDue = false;
}

/** Of breakpoints any event has the kernel step; of watchpoints what the last one wants overwrites the rest. */
function deciderOf(found: readonly Occupant<Arm64Breakpoint>[], pool: Pool): Occupant<Arm64Breakpoint> | undefined {
  const event = pool === 'execute' ? found.findLast(({ delivery }) => delivery !== 'silicon') : undefined;
  return event ?? found.at(-1);
}

/**
 * How Linux goes past a hit: whoever is to be told is told before the access, and then the kernel has the task execute
 * one instruction with the registers of that pool without E, by the flag that tracers use too (Linux:
 * arch/arm64/kernel/hw_breakpoint.c). The quirk of that name.
 */
export class LinuxStepping {
  readonly #parts: SteppingParts;

  constructor(parts: SteppingParts) {
    this.#parts = parts;
  }

  /** Who is told; what is to be done afterwards is left in the record. */
  hits(record: DieRecord): HitReport | undefined {
    const { cpu, exception } = record;
    const driver = this.#parts.driver(cpu);
    const { unit, occupants } = driver;
    const pool: Pool = exception === BREAKPOINT ? 'execute' : 'data';
    const found =
      pool === 'execute'
        ? reportedBreakpoints(occupants, cpu.pc)
        : reportedWatchpoints(occupants, unit.far, (unit.esr & ISS_WNR) !== 0);
    const decider = deciderOf(found, pool);
    if (decider === undefined) return undefined;
    record.data = { decider, pool } satisfies LinuxTelling;
    const { mode } = cpu.context;
    return { hits: found.filter((one) => !this.#isSilent(one, cpu) && !one.info.excluded.includes(mode)) };
  }

  /** Everybody has been told: goes past the instruction, or leaves that to a debugger. */
  delivered({ cpu, task, restart, data }: DieRecord): void {
    const { decider, pool } = data as LinuxTelling;
    const debuggers = decider.delivery === 'silicon' && !this.#isSilent(decider, cpu);
    const user = cpu.context.mode === 'user';
    if (debuggers && (restart === true || (user && decider.owner === USER_DEBUGGERS))) return;
    if (debuggers || task === undefined || !user) this.#parts.pass(cpu, pool);
    else this.#stepOver(cpu, task, pool);
  }

  /** A step of user mode has come to its end. True: it was the kernel's own, and nobody else's. */
  stepped(cpu: Cpu, task: Task): boolean {
    const thread = this.#parts.thread(task);
    if (!this.#rearm(cpu, thread)) return false;
    if (!thread.suspendedStep) {
      cpu.context.singleStep = false;
      return true;
    }
    thread.suspendedStep = false;
    return false;
  }

  /** A signal handler is entered: what it executes first ends the kernel's step. */
  handlerEntered(cpu: Cpu, task: Task): void {
    const { context } = task;
    const thread = this.#parts.thread(task);
    if (!context.singleStep || thread.suspendedStep || !this.#rearm(cpu, thread)) return;
    context.singleStep = false;
    context.stepDue = false;
  }

  /** Another task comes onto the CPU (Linux: hw_breakpoint_thread_switch). */
  switched(cpu: Cpu, next: Task | undefined): void {
    const driver = this.#parts.driver(cpu);
    const off = next === undefined ? undefined : this.#parts.known(next)?.off;
    driver.setOff('execute', off?.execute === true);
    driver.setOff('data', off?.data === true);
  }

  #stepOver(cpu: Cpu, task: Task, pool: Pool): void {
    const thread = this.#parts.thread(task);
    thread.off[pool] = true;
    this.#parts.driver(cpu).setOff(pool, true);
    // The other pool's hit has begun a step, or lost one.
    if (thread.off[pool === 'data' ? 'execute' : 'data']) return;
    if (cpu.context.singleStep) thread.suspendedStep = true;
    else enableStep(cpu.context);
  }

  /** True if registers were off. */
  #rearm(cpu: Cpu, { off }: Arm64ThreadState): boolean {
    const was = off.execute || off.data;
    off.execute = false;
    off.data = false;
    const driver = this.#parts.driver(cpu);
    driver.setOff('execute', false);
    driver.setOff('data', false);
    return was;
  }

  /** A copy from or to user memory. */
  #isSilent({ info }: Occupant<Arm64Breakpoint>, { context: { mode } }: Cpu): boolean {
    return mode !== 'user' && (info.privilege & PRIVILEGE_EL1) === 0 && !this.#parts.copiesCount;
  }
}

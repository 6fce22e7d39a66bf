import {
  type HardwareDebugInfo,
  type HardwareDebugRequest,
  numberOf,
  SIGNALS,
  type SignalInfo,
  type Task,
} from '@hwbp/core';
import { type DebugFacets, DebugRequests } from './debug-requests.js';
import { ptraceError } from './errors.js';
import type { Tracee } from './tracee.js';
import { patchText, peekMemory, pokeMemory } from './tracee-memory.js';
import { UserWords } from './user-words.js';
import { PTRACE_EVENTS } from './wait-status.js';

/**
 * The requests that look at a stopped tracee, and change it. All throw ESRCH if it runs or belongs to somebody else.
 */
export abstract class LookingRequests {
  readonly #words: UserWords;
  readonly #requests: DebugRequests;
  readonly #facets: DebugFacets;

  constructor(facets: DebugFacets) {
    this.#words = new UserWords(facets.area, facets.debug);
    this.#requests = new DebugRequests(facets);
    this.#facets = facets;
  }

  /** @internal The tracee, which is stopped. Throws ESRCH. */
  protected abstract stoppedTracee(task: Task): Tracee;

  /**
   * PTRACE_GETSIGINFO: the signal that the tracee stopped for; SIGTRAP at an event. EINVAL in a group stop of a tracee
   * that was not seized.
   */
  getSigInfo(task: Task): SignalInfo {
    const { stop, adoption } = this.stoppedTracee(task);
    if (stop?.kind === 'signal' && (stop.event !== 'stop' || adoption === 'seized')) return stop.info;
    if (stop?.kind === 'event') {
      return { si_signo: 'SIGTRAP', si_code: SIGNALS.SIGTRAP | (PTRACE_EVENTS[stop.event] << 8), si_pid: task.pid };
    }
    throw ptraceError('PTRACE_NO_SIGINFO', `task ${task} did not stop for a signal`, { pid: task.pid });
  }

  /**
   * PTRACE_GETEVENTMSG: of a stop at fork or clone the child's pid, at exec the pid, at exit waitpid's status, at a
   * system call 1 where it begins and 2 where it ends; 0 of others.
   */
  getEventMsg(task: Task): bigint {
    const { stop } = this.stoppedTracee(task);
    if (stop?.kind === 'signal' && stop.event !== undefined && stop.event !== 'stop')
      return stop.event === 'entry' ? 1n : 2n;
    if (stop?.kind !== 'event') return 0n;
    const { child, exit } = stop;
    if (exit !== undefined) return BigInt('code' in exit ? (exit.code & 0xff) << 8 : numberOf(exit.signal));
    return BigInt((child ?? task).pid);
  }

  /** PTRACE_PEEKUSER: the word at an offset of `struct user`. EIO outside or between words. */
  peekUser(task: Task, offset: number): bigint {
    this.stoppedTracee(task);
    return this.#words.peek(task, offset);
  }

  /** PTRACE_POKEUSER. EIO for words that hold nothing; of debug registers what the architecture refuses. */
  pokeUser(task: Task, offset: number, value: bigint): void {
    this.stoppedTracee(task);
    this.#words.poke(task, offset, value);
  }

  /** The offset of a debug register in `struct user`. EIO where they are no part of it. */
  debugOffset(register: number): number {
    return this.#words.debugOffset(register);
  }

  /** PTRACE_GET_DEBUGREG, where debug registers are no words of `struct user`; EIO elsewhere. */
  getDebugReg(task: Task, register: number): bigint {
    this.stoppedTracee(task);
    return this.#requests.getDebugReg(task, register);
  }

  /** PTRACE_SET_DEBUGREG, likewise; what the architecture refuses. */
  setDebugReg(task: Task, register: number, value: bigint): void {
    this.stoppedTracee(task);
    this.#requests.setDebugReg(task, register, value);
  }

  /** PPC_PTRACE_GETHWDBGINFO: what the hardware can do. EIO without hardware debug requests. */
  getHwDebugInfo(task: Task): HardwareDebugInfo {
    this.stoppedTracee(task);
    return this.#requests.info();
  }

  /** PPC_PTRACE_SETHWDEBUG: a handle, 1 or more. EIO without such requests; what the architecture refuses. */
  setHwDebug(task: Task, request: HardwareDebugRequest): number {
    this.stoppedTracee(task);
    return this.#requests.set(task, request);
  }

  /** PPC_PTRACE_DELHWDEBUG: takes back what a handle stands for. EINVAL, ENOENT. */
  delHwDebug(task: Task, handle: number | bigint): void {
    this.stoppedTracee(task);
    this.#requests.remove(task, handle);
  }

  /**
   * PTRACE_GETREGSET: the first `length` bytes of a set of registers, by its note type (NT_*); fewer if it has no more:
   * iov_len as Linux leaves it. EINVAL without such a set, and for a length that ends inside of an element.
   */
  getRegSet(task: Task, type: number, length: number): Uint8Array {
    this.stoppedTracee(task);
    return this.#requests.getRegSet(task, type, length);
  }

  /**
   * PTRACE_SETREGSET: writes the first bytes of a set; returns how many of them it has. EINVAL, likewise; what the
   * architecture refuses, and then what it says of the bytes before.
   */
  setRegSet(task: Task, type: number, bytes: Uint8Array): number {
    this.stoppedTracee(task);
    return this.#requests.setRegSet(task, type, bytes);
  }

  /** PTRACE_GETREGS: every general register by name. */
  getRegs(task: Task): Record<string, bigint> {
    this.stoppedTracee(task);
    return this.#words.getRegs(task);
  }

  /** PTRACE_SETREGS: writes the registers that are given. EIO, and nothing written, if one has no such name. */
  setRegs(task: Task, registers: Readonly<Record<string, bigint>>): void {
    this.stoppedTracee(task);
    this.#words.setRegs(task, registers);
  }

  /** PTRACE_PEEKDATA, of any length: memory, which no debug register sees. EIO where nothing is mapped. */
  peekData(task: Task, address: bigint, length: number = this.#words.area.wordSize): Uint8Array {
    this.stoppedTracee(task);
    return peekMemory(task, address, length);
  }

  /**
   * PTRACE_POKEDATA and PTRACE_POKETEXT, of any length: a trap instruction that is written over one of the program's
   * stops it there, until other bytes are written. All bytes or none, read-only pages too. EIO where nothing is mapped.
   * */
  pokeData(task: Task, address: bigint, bytes: Uint8Array): void {
    this.stoppedTracee(task);
    pokeMemory(task, address, bytes);
    const { trap, machine } = this.#facets;
    if (trap !== undefined) patchText(task, address, bytes.length, trap, machine.planted);
  }
}

import {
  type AccessKind,
  type Breakpoint,
  type Hit,
  type HwBreakpointAttr,
  KernelError,
  type WideBreakpoint,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { PERF_TYPE_BREAKPOINT, PERF_TYPE_SOFTWARE, Perf, type PerfFile } from '@hwbp/perf';
import { LookingDebugger } from './debugger.js';
import type { Look, Watch } from './look.js';
import type { Scene } from './scene.js';

const BITS: Readonly<Record<AccessKind, number>> = { r: 1, w: 2, rw: 3, x: 4 };
/** What gdb's packets Z0 to Z4 watch. */
const POINTS: readonly AccessKind[] = ['x', 'x', 'w', 'r', 'rw'];
/** Runs in which nothing retires, before it is taken for endless. */
const MOST_IN_VAIN = 20_000;
/** IP, TID, TIME, ADDR, ID, CPU, PERIOD. */
const SAMPLE_TYPE = 1 | 2 | 4 | 8 | 64 | 128 | 256;

/** Looks at a scene in every way that there is. */
export class Looker {
  readonly #scene: Scene;
  readonly #breakpoints: Breakpoint[] = [];
  readonly #wide: WideBreakpoint[] = [];
  readonly #files: PerfFile[] = [];
  readonly #perf: Perf | undefined;
  readonly #kgdb: boolean;
  #debugger: LookingDebugger | undefined;
  #hits = 0;

  constructor(scene: Scene, { perf, kgdb }: { readonly perf: boolean; readonly kgdb: boolean }) {
    this.#scene = scene;
    this.#perf = perf ? scene.kernel.get(Perf) : undefined;
    this.#kgdb = kgdb;
  }

  /** Does all of it, then lets the machine run to the end of its plan. */
  play(looks: readonly Look[]): void {
    for (const look of looks) {
      if (this.#scene.left <= 0) break;
      try {
        this.#do(look);
      } catch (error) {
        // What is refused changes nothing either.
        if (!(error instanceof KernelError)) throw error;
      }
    }
    this.#debugger?.do({ look: 'detach', index: 0 });
    finish(this.#scene);
  }

  /** What it has seen, in whatever way: a test that looks at nothing tests nothing. */
  get seen(): number {
    const records = this.#files.reduce((sum, file) => sum + file.drain().length, 0);
    const traced = this.#scene.kernel.get(KsymTracer).records.length;
    return this.#hits + records + traced + (this.#debugger?.stops ?? 0);
  }

  #do(look: Look): void {
    const { kernel } = this.#scene;
    const { breakpoints } = kernel;
    switch (look.look) {
      case 'run':
        this.#run(look.budget);
        return;
      case 'register':
        this.#register(look.watch);
        return;
      case 'modify': {
        const breakpoint = pick(this.#breakpoints, look.index);
        if (breakpoint !== undefined) breakpoints.modify(breakpoint, this.#attr(look.watch));
        return;
      }
      case 'unregister':
        breakpoints.unregister(pick(this.#breakpoints, look.index));
        breakpoints.unregisterWide(pick(this.#wide, look.index));
        return;
      case 'disable':
      case 'enable': {
        const breakpoint = pick(this.#breakpoints, look.index);
        if (breakpoint !== undefined) breakpoints[look.look](breakpoint);
        return;
      }
      case 'open':
        this.#open(look);
        return;
      case 'close':
      case 'drain':
        pick(this.#files, look.index)?.[look.look]();
        return;
      case 'stop':
        pick(this.#files, look.index)?.disable();
        return;
      case 'start':
        pick(this.#files, look.index)?.enable();
        return;
      case 'trace':
        kernel.get(KsymTracer).files.write('ksym_trace_filter', `word${look.word}:${look.access}`);
        return;
      case 'tracer':
        kernel.get(KsymTracer).files.write('current_tracer', look.on ? 'ksym_tracer' : 'nop');
        return;
      case 'attach':
        if (!this.#kgdb || this.#debugger?.open === true) return;
        this.#debugger = new LookingDebugger(this.#scene, look.threads, (watch, point) => this.#point(watch, point));
        return;
      default:
        if (this.#debugger?.open === true) this.#debugger.do(look);
    }
  }

  #run(budget: number): void {
    const most = Math.min(budget, this.#scene.left);
    if (this.#debugger?.open === true) this.#debugger.run(most);
    else this.#scene.kernel.machine.run(most);
  }

  #register(watch: Watch): void {
    const { breakpoints, machine } = this.#scene.kernel;
    const attr = this.#attr(watch);
    const options = watch.silicon ? ({ delivery: 'silicon' } as const) : {};
    const handler = (hit: Hit): void => {
      this.#hits++;
      if (watch.suspends) hit.suspend('looking');
    };
    if (watch.target === 'wide') {
      this.#wide.push(breakpoints.registerWide(attr, handler, options));
      return;
    }
    if (watch.target === 'cpu') {
      const cpu = watch.index % machine.cpus.length;
      this.#breakpoints.push(breakpoints.registerCpu(attr, handler, cpu, options));
      return;
    }
    const task = this.#scene.task(watch.index);
    if (task !== undefined) this.#breakpoints.push(breakpoints.registerUser(attr, handler, task, options));
  }

  #open({ watch, software, period, inherit, pinned }: Extract<Look, { readonly look: 'open' }>): void {
    const { machine } = this.#scene.kernel;
    const what =
      software === undefined
        ? { type: PERF_TYPE_BREAKPOINT, ...this.#attr(watch) }
        : { type: PERF_TYPE_SOFTWARE, config: software };
    const attr = { ...what, sample_period: period, inherit, pinned, sample_type: SAMPLE_TYPE, comm: true, task: true };
    const task = this.#scene.task(watch.index);
    const target =
      watch.target === 'task' && task !== undefined
        ? { pid: task.pid }
        : { pid: -1, cpu: watch.index % machine.cpus.length };
    const file = this.#perf?.open(attr, target);
    if (file === undefined) return;
    this.#files.push(file);
    file.mmap(1);
  }

  /** Where the debugger puts a point of one of its kinds. */
  #point(watch: Watch, point: number): { readonly address: bigint; readonly length: number } {
    const { bp_addr, bp_len } = this.#attr(watch, POINTS[point]);
    return { address: bp_addr, length: Number(bp_len) };
  }

  #attr({ kind, length, kernel, word, offset, code, step }: Watch, fixed?: AccessKind): HwBreakpointAttr {
    const { access, dataLengths, executeLength, alignment } = this.#scene.kernel.breakpoints.manifest;
    const letter = fixed ?? access[kind % access.length] ?? 'w';
    if (letter === 'x') {
      const bp_addr = this.#scene.text(code, step, kernel ? 'kernel' : 'user');
      return { bp_type: BITS.x, bp_addr, bp_len: fixed === undefined ? (executeLength ?? 8) : 1 };
    }
    const bp_len = dataLengths[length % dataLengths.length] ?? 8;
    const base = kernel ? this.#scene.kernelWord(word) : this.#scene.userWord(word);
    const address = base + BigInt(offset);
    const bp_addr = alignment === 'natural' ? address - (address % BigInt(bp_len)) : address;
    return { bp_type: BITS[letter], bp_addr, bp_len };
  }
}

/** Lets a machine run to the end of its plan, or until nobody can execute. */
export function finish(scene: Scene): void {
  const { machine } = scene.kernel;
  let vain = 0;
  while (scene.left > 0) {
    const { reason, instructions } = machine.run(scene.left);
    if (reason === 'idle' || reason === 'starved' || reason === 'held') return;
    vain = instructions === 0 ? vain + 1 : 0;
    if (vain > MOST_IN_VAIN) throw new Error(`endless: nothing retires any more after ${scene.count} instructions`);
  }
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}

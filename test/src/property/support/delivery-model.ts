import assert from 'node:assert/strict';
import type { Access, Breakpoint, Mode, Task } from '@hwbp/core';
import { type Event, STEP_LENGTH, type Step } from './program-text.js';

type HitEvent = Extract<Event, { kind: 'hit' }>;
type Retired = Extract<Event, { kind: 'retired' }>;

/** What one hit must look like. */
interface Expected {
  readonly breakpoint: Breakpoint;
  readonly pc: bigint;
  readonly ip: bigint;
}

/** The instructions of a program in the order in which they retire, with the mode that each executes in. */
function* inOrder(steps: readonly Step[], mode: Mode): Generator<{ readonly step: Step; readonly mode: Mode }> {
  for (const step of steps) {
    yield { step, mode };
    if (step.syscall !== undefined) yield* inOrder(step.syscall, 'kernel');
  }
}

/**
 * The hits that a program's text promises: for each instruction, first the execute breakpoints at its address (pc and
 * ip at it), then, once it has completed, the data breakpoints that any of its accesses overlaps (ip behind it), each
 * once; after a shadow one instruction later, unless that has an execute breakpoint (see `suppressesShadowedExecute`).
 * Nothing of the machine is used but who ran where.
 */
export class DeliveryModel {
  readonly #breakpoints: readonly Breakpoint[];
  readonly #drops: boolean;

  /** `drops`: what a shadow holds back is gone with the fault of an execute breakpoint behind it. */
  constructor(breakpoints: readonly Breakpoint[], drops: boolean) {
    this.#breakpoints = breakpoints;
    this.#drops = drops;
  }

  /** Compares what was seen of one task with what its program's text promises. */
  check(task: Task, steps: readonly Step[], events: readonly Event[]): number {
    const mine = events.filter((event) => event.task === task);
    const text = inOrder(steps, 'user');
    let hits: HitEvent[] = [];
    let waiting: readonly Breakpoint[] = [];
    let count = 0;
    for (const event of mine) {
      if (event.kind === 'hit') {
        hits.push(event);
        continue;
      }
      const { value } = text.next();
      assert.ok(value, 'nothing retires that the text does not have');
      assert.equal(event.step, value.step, 'instructions retire in the order of the text');
      assert.equal(event.mode, value.mode);
      // AMD's processors drop what a shadow holds back with the fault of an execute breakpoint behind it.
      const held = this.#drops && this.#faults(event) ? [] : waiting;
      const data = [...new Set([...held, ...this.#data(event)])];
      this.#compare(hits, this.#execute(event), value.step.shadow === true ? [] : this.#behind(data, event));
      waiting = value.step.shadow === true ? data : [];
      count += hits.length;
      hits = [];
    }
    assert.equal(text.next().done, true, 'the whole text has retired');
    assert.deepEqual(hits, [], 'no hit without its instruction');
    return count;
  }

  /** An execute breakpoint is armed at the instruction, whoever is told of it. */
  #faults({ task, cpu, step: { pc } }: Retired): boolean {
    return this.#breakpoints.some(
      (one) => one.attr.bp_type === 4 && one.attr.bp_addr === pc && follows(one, task, cpu),
    );
  }

  #execute({ task, cpu, mode, step: { pc } }: Retired): Expected[] {
    const here = this.#breakpoints.filter(({ attr }) => attr.bp_type === 4 && attr.bp_addr === pc);
    return wanted(here, task, cpu, mode).map((breakpoint) => ({ breakpoint, pc, ip: pc }));
  }

  #data({ task, cpu, step: { accesses } }: Retired): readonly Breakpoint[] {
    return this.#breakpoints.filter(
      (breakpoint) => follows(breakpoint, task, cpu) && accesses.some((access) => matches(breakpoint, access)),
    );
  }

  #behind(breakpoints: readonly Breakpoint[], { task, cpu, mode, step: { pc } }: Retired): Expected[] {
    const ip = pc + BigInt(STEP_LENGTH);
    return wanted(breakpoints, task, cpu, mode).map((breakpoint) => ({ breakpoint, pc, ip }));
  }

  /** Hits of one exception come in the order of the registers. */
  #compare(seen: readonly HitEvent[], execute: readonly Expected[], data: readonly Expected[]): void {
    const parts = [seen.slice(0, execute.length), seen.slice(execute.length)];
    for (const [i, expected] of [execute, data].entries()) {
      const part = parts[i] ?? [];
      const registers = part.map(({ register }) => register);
      assert.deepEqual(
        registers,
        [...registers].sort((a, b) => a - b),
        'hits come in the order of the registers',
      );
      assert.deepEqual(part.map(identity).sort(), expected.map(identity).sort());
    }
  }
}

function identity({ breakpoint: { owner }, pc, ip }: Expected): string {
  return `${owner} pc ${pc.toString(16)} ip ${ip.toString(16)}`;
}

/** Those whose handlers run: bound to where it happened, and not told to stay away from that mode. */
function wanted(breakpoints: readonly Breakpoint[], task: Task, cpu: number, mode: Mode): Breakpoint[] {
  return breakpoints.filter((breakpoint) => {
    const { exclude_user, exclude_kernel } = breakpoint.attr;
    const excluded = mode === 'user' ? exclude_user : exclude_kernel;
    return follows(breakpoint, task, cpu) && excluded !== true;
  });
}

function follows({ enabled, task: bound, cpu: only }: Breakpoint, task: Task, cpu: number): boolean {
  return enabled && (bound === undefined || bound === task) && (only < 0 || only === cpu);
}

function matches({ attr: { bp_type, bp_addr, bp_len } }: Breakpoint, { kind, address, size }: Access): boolean {
  const condition = kind === 'read' ? 1 : kind === 'write' ? 2 : 3;
  if (bp_type === 4 || (bp_type & condition) === 0) return false;
  return address < bp_addr + BigInt(bp_len) && bp_addr < address + BigInt(size);
}

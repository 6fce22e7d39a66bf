import { MNEMONICS } from '@hwbp/core';
import { assembleText, TextError } from '../model/compose.js';
import { MOST_INSTRUCTIONS, type Scenario } from '../model/scenario.js';
import { Simulation } from '../model/simulation.js';
import { transferOf } from '../timeline/packed.js';
import { Packer } from '../timeline/packer.js';
import type { Answer, Problem, Request } from './messages.js';

/** What a worker has of its global object. */
interface Port {
  postMessage(answer: Answer, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Request>) => void): void;
}

/** Milliseconds of running between two looks at what the page wants. */
const SLICE = 12;
/** Milliseconds between two words of how far it has come. */
const WORD = 50;
/** Instructions that are run between two looks at the clock. */
const STRETCH = 2000;

const port = globalThis as unknown as Port;
const post = (answer: Answer, transfer: Transferable[] = []): void => port.postMessage(answer, transfer);

let simulation: Simulation | undefined;
/** Where a run is to end; `undefined`: nothing runs. */
let running: { readonly count: number | undefined; readonly toHit: boolean; readonly why: string } | undefined;
let said = 0;
/** The scenario that is loaded, as the page counts them. */
let of = 0;
/** What the timeline is made of, and whether the page has it. */
let packer = new Packer();
let packed = false;
/** Why there is none. */
let broken: Answer | undefined;

// A message of one's own comes behind those that wait: unlike a timer it is not held back.
const { port1: inner, port2: outer } = new MessageChannel();
outer.onmessage = () => guarded(goOn);

function goOn(): void {
  if (running === undefined || simulation === undefined) return;
  const { count, toHit, why } = running;
  const began = performance.now();
  let end = 'count';
  let there = false;
  do {
    const before = simulation.count;
    end = simulation.run(STRETCH, count, toHit);
    there = end !== 'count' || simulation.count === before || simulation.count === count;
    if (packer.follow(simulation.history)) packed = false;
  } while (!there && performance.now() - began < SLICE);
  if (there) {
    running = undefined;
    const limit = count === undefined && simulation.count === MOST_INSTRUCTIONS;
    show(end !== 'count' ? end : limit ? 'limit' : why);
    return;
  }
  if (performance.now() - said > WORD) {
    said = performance.now();
    post({ kind: 'running', of, count: simulation.count });
  }
  inner.postMessage(undefined);
}

function show(why: string): void {
  if (simulation === undefined) return;
  if (packer.follow(simulation.history)) packed = false;
  if (packed) {
    post({ kind: 'state', of, view: simulation.view, why });
    return;
  }
  const timeline = packer.packed;
  packed = true;
  post({ kind: 'state', of, view: simulation.view, timeline, why }, transferOf(timeline));
}

function problemOf(error: unknown): Problem | undefined {
  return error instanceof TextError ? { line: error.line, column: error.column, message: error.message } : undefined;
}

function guarded(action: () => void): void {
  try {
    action();
  } catch (error) {
    running = undefined;
    simulation?.[Symbol.dispose]();
    simulation = undefined;
    const problem = problemOf(error);
    const message = error instanceof Error ? error.message : String(error);
    broken = problem === undefined ? { kind: 'failed', of, message } : { kind: 'failed', of, message, problem };
    post(broken);
  }
}

function load(scenario: Scenario, at: number): void {
  running = undefined;
  const old = simulation;
  simulation = undefined;
  old?.[Symbol.dispose]();
  simulation = new Simulation(scenario);
  packer = new Packer();
  packed = false;
  show('loaded');
  if (at > 0) go(simulation, at, 'link');
}

function check(id: number, text: string, space: Scenario['space']): void {
  try {
    assembleText({ text, space });
    post({ kind: 'checked', id });
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    post({ kind: 'checked', id, problem });
  }
}

function run(count: number | undefined, toHit: boolean, why: string): void {
  running = { count, toHit, why };
  said = 0;
  inner.postMessage(undefined);
}

/** Is at a count: forward, or back. */
function go(simulation: Simulation, count: number, why: string): void {
  if (count <= simulation.before) simulation.rewind(count);
  run(count, false, why);
}

function answer(request: Request): void {
  switch (request.kind) {
    case 'check':
      check(request.id, request.text, request.space);
      return;
    case 'load':
      of = request.of;
      load(request.scenario, request.at);
      return;
    default:
      if (simulation === undefined) post(broken ?? { kind: 'failed', of, message: 'nothing is composed yet' });
      else move(simulation, request);
  }
}

/** Goes somewhere. */
function move(simulation: Simulation, request: Exclude<Request, { readonly kind: 'check' | 'load' }>): void {
  switch (request.kind) {
    case 'run':
      run(request.count, request.toHit ?? false, 'run');
      return;
    case 'go':
      go(simulation, request.count, 'go');
      return;
    case 'back':
      go(simulation, simulation.before, 'back');
      return;
    case 'restart':
      go(simulation, 0, 'restart');
      return;
    case 'step':
      running = undefined;
      show(simulation.step());
      return;
    case 'pause':
      running = undefined;
      show('pause');
  }
}

port.addEventListener('message', ({ data }) => guarded(() => answer(data)));
post({ kind: 'ready', mnemonics: [...MNEMONICS] });

import {
  type Assembly,
  AssemblyError,
  assemble,
  composeKernel,
  directScheduler,
  flexible,
  type Kernel,
  type KernelOptions,
  linuxSlotPolicy,
  type Plugin,
  perfEvents,
  priorities,
  roundRobin,
  type Task,
} from '@hwbp/core';
import { History, history } from '@hwbp/history';
import { Kvm } from '@hwbp/kvm';
import { Kwatch } from '@hwbp/kwatch';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import { MODELS } from './models.js';
import { type Scenario, ScenarioError, type ScenarioTask } from './scenario.js';

/** What the text is called in messages. */
const SOURCE = 'program.s';
/** Intervals and events that a session remembers. */
const HISTORY = 1 << 18;
/** Nanoseconds: what a composition has of its own, said here because ticks are counted in instructions. */
const INSTRUCTION_TIME = 1000;

/** A kernel with its tasks. */
export interface World {
  readonly kernel: Kernel;
  /** By name; of several of one name the first. */
  readonly tasks: ReadonlyMap<string, Task>;
}

/** What a scenario is, composed. Nothing has run. */
export interface Composition {
  readonly assembly: Assembly;
  readonly host: World;
  /** A kernel in a virtual machine of the host's, if any task or watch is there. */
  readonly guest: World | undefined;
}

const POLICIES = { linux: linuxSlotPolicy, flexible, priorities } as const;

/** Few are enough for most races, and are the easier to understand. */
const PREEMPTIONS = 3;

const TASK_SCHEDULERS: Readonly<Record<Scenario['tasksBy'], (scenario: Scenario) => Plugin>> = {
  'round-robin': () => roundRobin(),
  fair: () => fair(),
  'fixed-priority': () => fixedPriority(),
  'earliest-deadline': () => earliestDeadline(),
  random: ({ quantum }) => randomSchedule({ preemptions: PREEMPTIONS, longest: quantum }),
};

/** Where a text is no assembly. */
export class TextError extends ScenarioError {
  /** From 1. */
  readonly line: number;
  readonly column: number;

  constructor({ line, column, message }: AssemblyError) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The text of a scenario. Throws a {@link TextError} that says where it is none. */
export function assembleText({ text, space }: Pick<Scenario, 'text' | 'space'>): Assembly {
  try {
    return assemble(text, { name: SOURCE, space });
  } catch (error) {
    throw error instanceof AssemblyError ? new TextError(error) : error;
  }
}

/** Composes what a scenario says. Throws a {@link ScenarioError} for one that contradicts itself. */
export function composeScenario(scenario: Scenario): Composition {
  const assembly = assembleText(scenario);
  checkNames(scenario, assembly);
  const hasGuest = [...scenario.tasks, ...scenario.watches].some(({ guest }) => guest === true);
  if (hasGuest && !['x86', 'ppc64'].includes(MODELS[scenario.model].debugger)) {
    throw new ScenarioError('guests: only x86 and ppc64 can run them; choose one of these, or take the guest away');
  }
  const options = optionsOf(scenario, assembly);
  const host = composeKernel({
    ...options,
    plugins: [history({ capacity: HISTORY }), ...(options.plugins ?? []), ...(hasGuest ? [Kvm] : [])],
    cpus: scenario.cpus,
    instructionTime: INSTRUCTION_TIME,
  });
  let guest: Kernel | undefined;
  if (hasGuest) {
    const vm = host.get(Kvm).createVm({ name: 'guest' });
    // Its times are the host's, so that one timeline has both.
    const beside = history({ capacity: HISTORY, host: host.get(History), name: vm.name });
    guest = composeKernel({ ...options, hardware: vm.hardware, plugins: [beside, ...(options.plugins ?? [])] });
  }
  const spawn = (kernel: Kernel, inside: boolean): World => {
    const tasks = new Map<string, Task>();
    for (const task of scenario.tasks) {
      if ((task.guest ?? false) !== inside) continue;
      const made = kernel.machine.spawn(assembly.program(task.entry), spawnOptions(scenario, task));
      if (!tasks.has(task.comm)) tasks.set(task.comm, made);
    }
    return { kernel, tasks };
  };
  return { assembly, host: spawn(host, false), guest: guest && spawn(guest, true) };
}

function optionsOf(scenario: Scenario, assembly: Assembly): KernelOptions {
  const events = scenario.breakpoints === 'events';
  return {
    arch: MODELS[scenario.model].create(),
    breakpointScheduler: events ? perfEvents() : directScheduler(),
    slotPolicy: POLICIES[scenario.policy](),
    taskScheduler: TASK_SCHEDULERS[scenario.tasksBy](scenario),
    seed: scenario.seed,
    quantum: scenario.quantum,
    tick: scenario.tick * INSTRUCTION_TIME,
    routines: [assembly],
    plugins: [Ptrace, ...(events ? [Perf] : []), ...(scenario.policy === 'priorities' ? [Kwatch] : [])],
  };
}

function spawnOptions({ space, tasksBy }: Scenario, { comm, cpu, priority, guest }: ScenarioTask) {
  return {
    comm,
    mode: space,
    ...(cpu === undefined || guest === true ? {} : { affinity: [cpu] }),
    ...(tasksBy === 'fixed-priority' ? { scheduling: { priority: priority ?? 1 } } : {}),
  } as const;
}

/** Whatever a scenario names must be there. */
function checkNames({ tasks, watches, cpus, space }: Scenario, assembly: Assembly): void {
  const symbols = new Map(assembly.symbols.map((symbol) => [symbol.name, symbol]));
  const known = [...symbols.keys()].join(', ') || 'none';
  for (const { comm, entry, cpu } of tasks) {
    const symbol = symbols.get(entry);
    if (symbol === undefined) throw new ScenarioError(`task ${comm}: there is no label ${entry}; there are: ${known}`);
    if (symbol.kind !== 'function')
      throw new ScenarioError(`task ${comm} cannot begin at ${entry}: that is data, and no instruction`);
    if (cpu !== undefined && cpu >= cpus)
      throw new ScenarioError(`task ${comm} is bound to CPU ${cpu}, and the last one is CPU ${cpus - 1}`);
  }
  for (const [index, { symbol, task, by, guest = false, from = 0, until }] of watches.entries()) {
    const what = `watch ${index + 1} (${by})`;
    if (!symbols.has(symbol)) throw new ScenarioError(`${what}: there is no symbol ${symbol}; there are: ${known}`);
    const there = tasks.some((one) => one.comm === task && (one.guest ?? false) === guest);
    if (task !== undefined && !there)
      throw new ScenarioError(
        `${what}: no task is called ${task}; there are: ${tasks.map((one) => one.comm).join(', ')}`,
      );
    if (by === 'ptrace' && task === undefined)
      throw new ScenarioError(`${what}: a debugger in user space watches a task; say which one`);
    if (by === 'ptrace' && space === 'kernel')
      throw new ScenarioError(`${what}: a debugger in user space cannot attach to tasks of the kernel`);
    if (until !== undefined && until <= from) throw new ScenarioError(`${what}: it ends before it begins`);
  }
}

/** What the host remembers of its registers. */
export function historyOf({ host }: Composition): History {
  return host.kernel.get(History);
}

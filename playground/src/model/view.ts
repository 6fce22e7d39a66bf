import {
  type AddressSpace,
  type Assembly,
  type Cpu,
  hex,
  type Kernel,
  symbolize,
  type Task,
  typeLetters,
} from '@hwbp/core';
import { type Composition, historyOf, type World } from './compose.js';
import { MODELS } from './models.js';
import { readerOf } from './registers/unit-reader.js';
import type { Scenario } from './scenario.js';
import type { CpuView, RefusalView, SlotView, StateView, TaskView, VariableView, WatchView } from './state-view.js';
import type { TraceTail } from './trace-tail.js';

/** Elements of a variable that are shown. */
const ELEMENTS = 16;

/** What a session knows beside its kernels. */
export interface SessionNotes {
  readonly ended: string | undefined;
  readonly trace: TraceTail;
  readonly refusals: readonly RefusalView[];
  readonly watches: readonly WatchView[];
  readonly left: LeftMemory;
}

/** What tasks had in their memory when they exited: it is gone with them. */
export type LeftMemory = ReadonlyMap<Task, readonly VariableView[]>;

/** Everything that there is to see of a composition. It looks, and changes nothing. */
export function viewOf(
  composition: Composition,
  scenario: Scenario,
  { ended, trace, refusals, watches, left }: SessionNotes,
): StateView {
  const { assembly, host, guest } = composition;
  const { machine } = host.kernel;
  const names = historyOf(composition).registers;
  const worlds = guest === undefined ? [host] : [host, guest];
  return {
    count: machine.count,
    ended,
    cpus: machine.cpus.map((cpu) => cpuView(cpu, host.kernel, scenario, names)),
    tasks: worlds.flatMap((world) =>
      [...world.tasks.values()].map((task) => taskView(task, world, assembly, world === guest)),
    ),
    variables: worlds.flatMap((world) => variablesOf(world, assembly, world === guest, left)),
    watches,
    refusals: [...refusals],
    trace: trace.lines,
    earlier: trace.earlier,
  };
}

function cpuView(cpu: Cpu, kernel: Kernel, { model }: Scenario, names: readonly string[]): CpuView {
  const { machine, breakpoints, symbols } = kernel;
  return {
    index: cpu.index,
    task: machine.current(cpu)?.toString(),
    pc: symbolize(symbols, cpu.context.pc),
    clock: cpu.clock.now,
    slots: breakpoints.occupants(cpu.index).map((occupant, register): SlotView => {
      const name = names[register] ?? String(register);
      if (occupant === undefined) return { register: name, owner: undefined, what: '', task: undefined, hits: 0 };
      const { attr, owner, task, hits } = occupant;
      const what = `${typeLetters(attr.bp_type)} ${hex(attr.bp_addr)}+${attr.bp_len} ${symbolize(symbols, attr.bp_addr)}`;
      return { register: name, owner, what, task: task?.toString(), hits };
    }),
    registers: MODELS[model].registers(readerOf(cpu.unit)),
  };
}

function taskView(task: Task, { kernel }: World, assembly: Assembly, guest: boolean): TaskView {
  const { machine, symbols, breakpoints } = kernel;
  const cpu = machine.cpus[task.cpu];
  const current = cpu !== undefined && machine.current(cpu) === task;
  const context = current ? cpu.context : task.context;
  const { general, args, stack } = breakpoints.manifest.roles;
  const registers = [
    ...general.map((name, i) => [`r${i}`, name]),
    ...args.map((name, i) => [`a${i}`, name]),
    ['sp', stack],
  ];
  const at = assembly.indexAt(context.pc);
  return {
    name: String(task),
    guest,
    state: task.alive ? (current ? 'on CPU' : task.state) : 'exited',
    cpu: task.cpu,
    pc: symbolize(symbols, context.pc),
    line: at === undefined ? 0 : (assembly.lines[at]?.line ?? 0),
    instructions: task.instructions,
    registers: Object.fromEntries(registers.map(([role = '', name = '']) => [role, context.get(name).toString(16)])),
  };
}

/** Every variable of every memory: of the kernel's one, of tasks that have memory of their own each. */
function variablesOf({ kernel, tasks }: World, assembly: Assembly, guest: boolean, left: LeftMemory) {
  if (assembly.space === 'kernel')
    return readVariables(kernel.machine.kernelMemory, guest ? 'guest' : 'kernel', assembly);
  return [...tasks.values()].flatMap((task) =>
    task.alive ? readVariables(task.memory, String(task), assembly) : (left.get(task) ?? []),
  );
}

/** The variables of an assembly in one memory. */
export function readVariables(memory: AddressSpace, of: string, assembly: Assembly): readonly VariableView[] {
  return assembly.symbols
    .filter(({ kind }) => kind !== 'function')
    .map(({ name, address, size }): VariableView => {
      const width = size % 8 === 0 ? 8 : size % 4 === 0 ? 4 : size % 2 === 0 ? 2 : 1;
      const count = Math.min(ELEMENTS, Math.max(1, Math.floor(size / width)));
      const read = (index: number): string => {
        const at = address + BigInt(index * width);
        return memory.isMapped(at) ? String(memory.readInteger(at, width)) : '-';
      };
      return { symbol: name, address: hex(address), of, values: Array.from({ length: count }, (_, i) => read(i)) };
    });
}

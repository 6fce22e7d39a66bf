import { type Assembly, type Cpu, hex, type Kernel, symbolize, type Task, USER_DEBUG_REGISTERS } from '@hwbp/core';
import { MODELS } from './models.js';
import type { Scenario } from './scenario.js';
import type { TaskView } from './state-view.js';
import { debugRegisterNames } from './watches/user-registers.js';

/** Of which kernel a task is. `inside`: of a guest's, whether a virtual CPU of its is on a physical one. */
export interface TaskHome {
  readonly kernel: Kernel;
  readonly guest: boolean;
  inside(cpu: Cpu): boolean;
}

/** One task. */
export function taskView(task: Task, home: TaskHome, assembly: Assembly, { model }: Scenario): TaskView {
  const { kernel, guest } = home;
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
    state: stateOf(task, current ? cpu : undefined, home),
    cpu: task.cpu,
    pc: symbolize(symbols, context.pc),
    line: at === undefined ? 0 : (assembly.lines[at]?.line ?? 0),
    instructions: task.instructions,
    registers: Object.fromEntries(registers.map(([role = '', name = '']) => [role, number(context.get(name))])),
    debug: debugOf(task, kernel, model),
  };
}

function stateOf(task: Task, cpu: Cpu | undefined, { guest, inside }: TaskHome): string {
  if (!task.alive) return 'exited';
  if (cpu === undefined) return task.state === 'running' ? 'runnable' : task.state;
  if (!guest) return 'on CPU';
  return inside(cpu) ? 'on virtual CPU, inside' : 'on virtual CPU, outside';
}

function debugOf(task: Task, kernel: Kernel, model: Scenario['model']): TaskView['debug'] {
  const registers = task.tracer === undefined ? undefined : kernel.facet(USER_DEBUG_REGISTERS);
  if (registers === undefined) return {};
  const names = debugRegisterNames(MODELS[model].debugger, registers.count);
  return Object.fromEntries(names.map(([name, register]) => [name, number(registers.read(task, register))]));
}

/** Hexadecimal, and to be told from decimal. */
function number(value: bigint): string {
  return value === 0n ? '0' : hex(value);
}

import { type Cpu, hex, type Kernel, symbolize, typeLetters } from '@hwbp/core';
import { MODELS } from './models.js';
import { ownerTitle } from './owners.js';
import { readerOf } from './registers/unit-reader.js';
import type { Scenario } from './scenario.js';
import type { CpuView, SlotView } from './state-view.js';

/** What a physical CPU is looked at with. */
export interface CpuHome {
  readonly host: Kernel;
  readonly guest: Kernel | undefined;
  /** The guest's CPU that is on it. */
  readonly virtual: Cpu | undefined;
  /** Names of the registers. */
  readonly names: readonly string[];
  readonly model: Scenario['model'];
}

/** One CPU. */
export function cpuView(cpu: Cpu, { host, guest, virtual, names, model }: CpuHome): CpuView {
  const inside = guest === undefined || virtual === undefined ? undefined : { kernel: guest, cpu: virtual };
  const slots = slotsOf(host, cpu, names);
  const task = host.machine.current(cpu)?.toString();
  const shared = { index: cpu.index, clock: cpu.clock.now, registers: MODELS[model].registers(readerOf(cpu.unit)) };
  if (inside === undefined) {
    return { ...shared, task, pc: symbolize(host.symbols, cpu.context.pc), silicon: 'host', slots, aside: undefined };
  }
  const within = inside.kernel.machine.current(inside.cpu);
  return {
    ...shared,
    task: `${task}, inside it ${within ?? 'nobody'}`,
    pc: symbolize(inside.kernel.symbols, inside.cpu.context.pc),
    silicon: 'guest',
    slots: slotsOf(inside.kernel, inside.cpu, names, 'guest: '),
    aside: { of: 'host', slots },
  };
}

function slotsOf({ breakpoints, symbols }: Kernel, { index }: Cpu, names: readonly string[], prefix = ''): SlotView[] {
  return breakpoints.occupants(index).map((occupant, register): SlotView => {
    const name = names[register] ?? String(register);
    if (occupant === undefined) return { register: name, owner: undefined, what: '', task: undefined, hits: 0 };
    const { attr, owner, task, hits } = occupant;
    const what = `${typeLetters(attr.bp_type)} ${hex(attr.bp_addr)}+${attr.bp_len} ${symbolize(symbols, attr.bp_addr)}`;
    return { register: name, owner: prefix + ownerTitle(owner), what, task: task?.toString(), hits };
  });
}

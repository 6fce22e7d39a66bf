import { coreError } from '../errors/index.js';
import type { Hardware } from '../hardware/index.js';
import { checkFit, checkOptions } from './check-options.js';
import { checkPlugins } from './check-plugins.js';
import { invalidOption } from './composition-error.js';
import type { Kernel } from './kernel.js';
import type { KernelOptions, SuccessorOptions } from './kernel-options.js';
import { LOGGER } from './tokens.js';

/** Everything that can be said of the options before the kernel that runs has ended. */
function check(options: KernelOptions, hardware: Hardware, restarts: boolean): void {
  checkOptions(options);
  checkPlugins(options);
  // After a kexec every CPU is there.
  checkFit(hardware, options.arch.backend, restarts ? [] : options.offline);
  const { offline = [] } = options;
  if (restarts && hardware.cpus.every(({ index }) => offline.includes(index))) {
    throw invalidOption('at least one CPU must be online');
  }
}

/** Throws EBUSY while something executes: it would go on in the middle of the other kernel. */
function requireIdle({ machine }: Kernel, how: 'kexec' | 'crash'): void {
  if (machine.power.suspended) throw coreError('POWER_SUSPENDED', 'the machine is suspended; resume it first');
  for (const cpu of machine.onlineCpus) {
    if (how === 'kexec') machine.hotplug.requireFree(cpu);
    if (!cpu.busy) continue;
    const message = `CPU ${cpu.index} is executing a program, which is what asks; do it once run has returned`;
    throw coreError('CPU_SUSPENDED', message, { cpu: cpu.index });
  }
}

/** Registers off, CPUs on, nothing pending (Linux: hw_breakpoint_disable, machine_shutdown). */
function restart({ cpus }: Hardware): void {
  for (const cpu of cpus) {
    cpu.interrupts.clear();
    cpu.powerOff();
    cpu.powerOn();
  }
}

/** The numbers of the CPUs on which something is armed. */
function armedCpus({ cpus }: Hardware): readonly number[] {
  return cpus.filter(({ unit }) => unit.filter.ranges.length > 0).map(({ index }) => index);
}

/**
 * One kernel after another on the same hardware. Nothing of the first one's is called again: no handler of a hit, no
 * alarm, no interrupt, no hook.
 */
export function succeed(
  given: SuccessorOptions,
  how: 'kexec' | 'crash',
  from: Kernel,
  compose: (options: KernelOptions) => Kernel,
): Kernel {
  const { hardware } = from;
  const options: KernelOptions = { ...given, hardware };
  requireIdle(from, how);
  check(options, hardware, how === 'kexec');
  let trouble: unknown;
  if (how === 'crash') from.crashed();
  else trouble = end(from);
  for (const { alarms } of hardware.cpus) alarms.clear();
  hardware.planted.clear();
  const armed = armedCpus(hardware);
  if (how === 'kexec') restart(hardware);
  const next = compose(options);
  if (trouble !== undefined) next.get(LOGGER).log('warn', `the kernel before this one did not end well: ${trouble}`);
  if (how === 'crash' && armed.length > 0) {
    next.get(LOGGER).log('warn', `debug registers of CPU ${armed.join(', ')} were armed by another kernel: off now`);
  }
  return next;
}

function end(kernel: Kernel): unknown {
  try {
    kernel.dispose();
    return undefined;
  } catch (error) {
    return error;
  }
}

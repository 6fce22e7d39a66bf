import type { ArchBackend, ArchHost, ArchManifest, ArchPort, CpuDriver } from '../arch/index.js';
import { Breakpoints } from '../breakpoint/index.js';
import { SYSTEM_CALL_ABI } from '../facets/index.js';
import { type Cpu, checkMade, Hardware } from '../hardware/index.js';
import {
  Console,
  DeviceLines,
  IoMappings,
  type Logger,
  Machine,
  RingLogger,
  RoundRobin,
  Scheduling,
  type SchedulingClass,
  SystemCalls,
} from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import { RandomSource } from '../random/index.js';
import {
  HandlerErrors,
  HitDelivery,
  LinuxSlotPolicy,
  RegisterFile,
  Registers,
  SlotAccounting,
  type SlotPolicy,
} from '../registers/index.js';
import { DirectScheduler } from '../scheduling/direct/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';
import { invalidOption } from './composition-error.js';
import type { FacetServices } from './facet-services.js';
import { type Provision, provide } from './provision.js';
import { checkAligned } from './routines.js';
import type { Services } from './services.js';
import type { Settings } from './settings.js';
import {
  ACCOUNTING,
  ARCH_HOST,
  BACKEND,
  BREAKPOINT_SCHEDULER,
  BREAKPOINTS,
  CONSOLE,
  DELIVERY,
  DEVICE_LINES,
  DRIVERS,
  FACET_SERVICES,
  HANDLER_ERRORS,
  HARDWARE,
  IO_MAPPINGS,
  LOGGER,
  MACHINE,
  MANIFEST,
  PORT,
  QUIRKS,
  RANDOM,
  REGISTER_FILE,
  REGISTERS,
  ROUTINES,
  SCHEDULING,
  SERVICES,
  SETTINGS,
  SLOT_POLICY,
  SYMBOLS,
  SYSTEM_CALLS,
  TASK_SCHEDULER,
} from './tokens.js';

function createHardware(settings: Settings, manifest: ArchManifest, backend: ArchBackend): Hardware {
  if (settings.hardware !== undefined) return settings.hardware;
  const { cpus, createClock, createUnit, instructionTime } = settings;
  return new Hardware({
    cpus,
    pageSize: manifest.pageSize,
    byteOrder: manifest.byteOrder,
    roles: manifest.roles,
    createUnit:
      createUnit === undefined
        ? () => backend.createUnit()
        : (cpu) => checkMade('createUnit', createUnit(cpu), cpu, invalidOption),
    ...(createClock === undefined
      ? {}
      : { createClock: (cpu: number) => checkMade('createClock', createClock(cpu), cpu, invalidOption) }),
    ...(instructionTime === undefined ? {} : { instructionTime }),
  });
}

function createHost(
  manifest: ArchManifest,
  machine: Machine,
  logger: Logger,
  drivers: readonly CpuDriver[],
  quirks: QuirkSet,
): ArchHost {
  return {
    manifest,
    machine,
    dieChain: machine.dieChain,
    logger,
    driver: ({ index }: Cpu) => drivers[index] as CpuDriver,
    defineTaskState: (create, form) => machine.defineTaskState(create, form),
    quirks,
  };
}

/** From here on the debug registers are this kernel's: what somebody has left in them is gone. */
function connect(backend: ArchBackend, host: ArchHost, machine: Machine): ArchPort {
  const port = backend.connect(host);
  machine.enterBy(port);
  for (const cpu of machine.cpus) host.driver(cpu).restore();
  machine.hotplug.register('registers:starting', 'debug registers', { startup: (cpu) => host.driver(cpu).restore() });
  // Saved muted, and restored from the software copy: whoever else mutes meanwhile keeps them quiet afterwards too.
  machine.power.register('core', 'debug registers', {
    suspend: (cpu) => void host.driver(cpu).mute(),
    resume: (cpu) => {
      host.driver(cpu).restore();
      host.driver(cpu).unmute();
    },
  });
  return port;
}

/** It may be somebody's own: it does not end with the kernel. */
function lent(provision: Provision): Provision {
  return Object.freeze({ ...provision, kind: 'value' });
}

/** What every kernel has unless a composition says otherwise, in the order in which it is made. */
export const CORE_PARTS: readonly Provision[] = Object.freeze([
  lent(provide(LOGGER, [SETTINGS], ({ logger }: Settings): Logger => logger ?? new RingLogger())),
  lent(provide(SYMBOLS, [SETTINGS], ({ symbols }: Settings) => symbols)),
  lent(provide(HARDWARE, [SETTINGS, MANIFEST, BACKEND], createHardware)),
  provide(CONSOLE, [], () => new Console()),
  provide(RANDOM, [SETTINGS], ({ seed }: Settings) => new RandomSource(seed)),
  provide(
    SCHEDULING,
    [HARDWARE, SETTINGS, RANDOM],
    ({ cpus }: Hardware, { tick }: Settings, random: RandomSource) => new Scheduling({ cpus, tick, random }),
  ),
  provide(TASK_SCHEDULER, [SCHEDULING], (scheduling: Scheduling): SchedulingClass => new RoundRobin(scheduling)),
  provide(
    SYSTEM_CALLS,
    [SERVICES],
    (services: Services) =>
      new SystemCalls({
        abi: () => services.find(SYSTEM_CALL_ABI),
        failed: (error, what) => services.get(HANDLER_ERRORS).report(error, undefined, what),
      }),
  ),
  provide(
    MACHINE,
    [HARDWARE, MANIFEST, LOGGER, SETTINGS, SCHEDULING, TASK_SCHEDULER, SYSTEM_CALLS],
    (
      hardware: Hardware,
      memory: ArchManifest,
      logger: Logger,
      { offline, quantum, code, handlerErrors }: Settings,
      scheduling: Scheduling,
      schedulingClass: SchedulingClass,
      systemCalls: SystemCalls,
    ) => {
      const onError = (error: unknown) => handlerErrors(error, undefined);
      const tasks = { scheduling, schedulingClass };
      return new Machine({ hardware, memory, logger, offline, quantum, code, onError, tasks, systemCalls });
    },
  ),
  provide(DEVICE_LINES, [MACHINE], (machine: Machine) => new DeviceLines(machine)),
  provide(
    IO_MAPPINGS,
    [MACHINE, MANIFEST],
    ({ kernelMemory }: Machine, manifest: ArchManifest) =>
      new IoMappings(kernelMemory, manifest, 8 * manifest.wordSize),
  ),
  provide(
    ROUTINES,
    [SETTINGS, MANIFEST, MACHINE],
    ({ routines }: Settings, manifest: ArchManifest, machine: Machine) => {
      checkAligned(routines, manifest);
      for (const one of routines) if (one.space === 'kernel') one.load(machine.kernelMemory);
      return routines;
    },
  ),
  provide(DRIVERS, [HARDWARE, BACKEND, QUIRKS], (hardware: Hardware, backend: ArchBackend, quirks: QuirkSet) =>
    hardware.cpus.map((cpu) => backend.createDriver(cpu, quirks)),
  ),
  provide(ARCH_HOST, [MANIFEST, MACHINE, LOGGER, DRIVERS, QUIRKS], createHost),
  provide(PORT, [BACKEND, ARCH_HOST, MACHINE], connect),
  provide(
    SLOT_POLICY,
    [MANIFEST, MACHINE, QUIRKS],
    (manifest: ArchManifest, machine: Machine, quirks: QuirkSet): SlotPolicy =>
      new LinuxSlotPolicy({ manifest, machine, quirks }),
  ),
  provide(ACCOUNTING, [SLOT_POLICY], (policy: SlotPolicy) => new SlotAccounting(policy)),
  provide(
    REGISTER_FILE,
    [DRIVERS, SLOT_POLICY, LOGGER, MACHINE],
    (drivers: readonly CpuDriver[], policy: SlotPolicy, logger: Logger, { errors }: Machine) =>
      new RegisterFile(drivers, policy, logger, errors),
  ),
  provide(
    HANDLER_ERRORS,
    [MACHINE, LOGGER, SETTINGS],
    (machine: Machine, logger: Logger, { handlerErrors }: Settings) =>
      new HandlerErrors(machine, logger, handlerErrors),
  ),
  provide(
    REGISTERS,
    [MACHINE, BACKEND, ACCOUNTING, REGISTER_FILE, LOGGER, QUIRKS],
    (
      machine: Machine,
      backend: ArchBackend,
      accounting: SlotAccounting,
      file: RegisterFile,
      logger: Logger,
      quirks: QuirkSet,
    ) => new Registers({ machine, backend, accounting, file, logger, quirks }),
  ),
  provide(
    DELIVERY,
    [PORT, MACHINE, HANDLER_ERRORS, MANIFEST],
    (port: ArchPort, machine: Machine, errors: HandlerErrors, { privilegeFilter }: ArchManifest) =>
      new HitDelivery(port, machine.dieChain, errors, privilegeFilter, (cpu) => machine.interrupts.contextOf(cpu)),
  ),
  provide(
    BREAKPOINT_SCHEDULER,
    [MACHINE, REGISTERS, LOGGER],
    (machine: Machine, registers: Registers, logger: Logger): BreakpointScheduler =>
      new DirectScheduler(machine, registers, logger),
  ),
  provide(
    BREAKPOINTS,
    [MACHINE, REGISTERS, BREAKPOINT_SCHEDULER, LOGGER, SETTINGS],
    (machine: Machine, registers: Registers, scheduler: BreakpointScheduler, logger: Logger, { wideBy }: Settings) =>
      new Breakpoints({ machine, registers, scheduler, logger, byIpi: wideBy === 'ipi' }),
  ),
  provide(
    FACET_SERVICES,
    [ARCH_HOST, PORT, BREAKPOINTS, QUIRKS],
    (host: ArchHost, port: ArchPort, breakpoints: Breakpoints, quirks: QuirkSet): FacetServices => ({
      host,
      port,
      breakpoints,
      quirks,
    }),
  ),
]);

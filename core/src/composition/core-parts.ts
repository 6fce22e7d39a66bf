import type { ArchBackend, ArchHost, ArchManifest, ArchPort, CpuDriver } from '../arch/index.js';
import { Breakpoints } from '../breakpoint/index.js';
import { type Cpu, checkMade, Hardware } from '../hardware/index.js';
import { type Logger, Machine, RingLogger, RoundRobin, Scheduling, type SchedulingClass } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
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
import type { Settings } from './settings.js';
import {
  ACCOUNTING,
  ARCH_HOST,
  BACKEND,
  BREAKPOINT_SCHEDULER,
  BREAKPOINTS,
  DELIVERY,
  DRIVERS,
  FACET_SERVICES,
  HANDLER_ERRORS,
  HARDWARE,
  LOGGER,
  MACHINE,
  MANIFEST,
  PORT,
  QUIRKS,
  REGISTER_FILE,
  REGISTERS,
  ROUTINES,
  SCHEDULING,
  SETTINGS,
  SLOT_POLICY,
  SYMBOLS,
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
  provide(SCHEDULING, [HARDWARE, SETTINGS], ({ cpus }: Hardware, { tick }: Settings) => new Scheduling({ cpus, tick })),
  provide(TASK_SCHEDULER, [SCHEDULING], (scheduling: Scheduling): SchedulingClass => new RoundRobin(scheduling)),
  provide(
    MACHINE,
    [HARDWARE, MANIFEST, LOGGER, SETTINGS, SCHEDULING, TASK_SCHEDULER],
    (
      hardware: Hardware,
      memory: ArchManifest,
      logger: Logger,
      { offline, quantum, code, handlerErrors }: Settings,
      scheduling: Scheduling,
      schedulingClass: SchedulingClass,
    ) => {
      const onError = (error: unknown) => handlerErrors(error, undefined);
      const tasks = { scheduling, schedulingClass };
      return new Machine({ hardware, memory, logger, offline, quantum, code, onError, tasks });
    },
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
    [DRIVERS, SLOT_POLICY, LOGGER],
    (drivers: readonly CpuDriver[], policy: SlotPolicy, logger: Logger) => new RegisterFile(drivers, policy, logger),
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
    [MACHINE, REGISTERS, BREAKPOINT_SCHEDULER, LOGGER],
    (machine: Machine, registers: Registers, scheduler: BreakpointScheduler, logger: Logger) =>
      new Breakpoints({ machine, registers, scheduler, logger }),
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

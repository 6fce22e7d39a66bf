import type { ArchBackend, ArchHost, ArchManifest, ArchPort, CpuDriver } from '../arch/index.js';
import type { Breakpoints } from '../breakpoint/index.js';
import { Token } from '../facets/index.js';
import type { Hardware } from '../hardware/index.js';
import type {
  Console,
  DeviceLines,
  IoMappings,
  Logger,
  Machine,
  Scheduling,
  SchedulingClass,
  SymbolTable,
  SystemCalls,
} from '../kernel/index.js';
import type { Assembly } from '../programs/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { RandomSource } from '../random/index.js';
import type {
  HandlerErrors,
  HitDelivery,
  Priorities,
  RegisterFile,
  Registers,
  SlotAccounting,
  SlotPolicy,
} from '../registers/index.js';
import type { Events } from '../scheduling/events/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';
import type { FacetServices } from './facet-services.js';
import { LOGGER_KIND, SCHEDULER_KIND, SCHEDULING_CLASS_KIND, SLOT_POLICY_KIND, SYMBOLS_KIND } from './part-kinds.js';
import type { Services } from './services.js';
import type { Settings } from './settings.js';

/*
 * What a kernel is made of: `constructor(@inject(BREAKPOINTS) private readonly breakpoints: Breakpoints)`. Each can be
 * replaced, and is then replaced for everybody. Facets are tokens of their own.
 */

const CORE = 'core provides it in every kernel';

/** Numbers and choices of the composition, with their defaults. */
export const SETTINGS = new Token<Settings>('Settings', CORE);
/** CPUs, memory and devices. */
export const HARDWARE = new Token<Hardware>('Hardware', CORE);
/** Random numbers that the composition's seed decides. */
export const RANDOM = new Token<RandomSource>('Random', CORE);
/** How tasks get CPUs: what their scheduling class works with, and the way to it for everybody else. */
export const SCHEDULING = new Token<Scheduling>('Scheduling', CORE);
/** The scheduling class: which task runs next, for how long, and where. */
export const TASK_SCHEDULER = new Token<SchedulingClass>('TaskScheduler', CORE, SCHEDULING_CLASS_KIND);
export const MACHINE = new Token<Machine>('Machine', CORE);
/** The core breakpoint API. */
export const BREAKPOINTS = new Token<Breakpoints>('Breakpoints', CORE);
export const SYMBOLS = new Token<SymbolTable>('SymbolTable', CORE, SYMBOLS_KIND);
/** Assemblies: routines that debuggers know the text of. */
export const ROUTINES = new Token<readonly Assembly[]>('Routines', CORE);
export const LOGGER = new Token<Logger>('Logger', CORE, LOGGER_KIND);
export const QUIRKS = new Token<QuirkSet>('QuirkSet', CORE);
/** The architecture's backend. */
export const BACKEND = new Token<ArchBackend>('ArchBackend', 'compose an architecture');
export const MANIFEST = new Token<ArchManifest>('ArchManifest', 'compose an architecture');
/** What the backend works with, its drivers by CPU number, and its entry code at work. */
export const ARCH_HOST = new Token<ArchHost>('ArchHost', CORE);
export const DRIVERS = new Token<readonly CpuDriver[]>('CpuDrivers', CORE);
export const PORT = new Token<ArchPort>('ArchPort', CORE);
/** Who gets a debug register, and the policy behind its lock. */
export const SLOT_POLICY = new Token<SlotPolicy>('SlotPolicy', CORE, SLOT_POLICY_KIND);
/** What a slot policy of priorities tells of itself. */
export const PRIORITIES = new Token<Priorities>(
  'Priorities',
  'compose the kernel with slotPolicy: priorities()',
  undefined,
  SLOT_POLICY,
);
export const ACCOUNTING = new Token<SlotAccounting>('SlotAccounting', CORE);
export const REGISTER_FILE = new Token<RegisterFile>('RegisterFile', CORE);
export const REGISTERS = new Token<Registers>('Registers', CORE);
/** The kernel's error channel. */
export const HANDLER_ERRORS = new Token<HandlerErrors>('HandlerErrors', CORE);
export const DELIVERY = new Token<HitDelivery>('HitDelivery', CORE);
/** When a breakpoint is in its register. */
export const BREAKPOINT_SCHEDULER = new Token<BreakpointScheduler>('BreakpointScheduler', CORE, SCHEDULER_KIND);
/** The events engine. */
export const EVENTS = new Token<Events>('Events', 'compose the kernel with perfEvents()');
/** System calls by number: what an instruction's `syscall: true` asks for. */
export const SYSTEM_CALLS = new Token<SystemCalls>('SystemCalls', CORE);
/** Wires of devices to interrupt lines. */
export const DEVICE_LINES = new Token<DeviceLines>('DeviceLines', CORE);
/** Where the kernel's instructions reach devices. */
export const IO_MAPPINGS = new Token<IoMappings>('IoMappings', CORE);
/** What is written to the console and typed there. */
export const CONSOLE = new Token<Console>('Console', CORE);
/** Whatever a kernel is made of, by token: for handlers, which cannot have it injected. */
export const SERVICES = new Token<Services>('Services', CORE);
/** What the implementation of a facet works with. */
export const FACET_SERVICES = new Token<FacetServices>('FacetServices', CORE);

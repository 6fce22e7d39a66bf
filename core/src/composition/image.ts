import { coreError } from '../errors/index.js';
import { crc32, ImageReader, type ImageValue } from '../image/index.js';
import { loadCompletions, saveCompletions } from './completions.js';
import type { Kernel } from './kernel.js';
import { BREAKPOINT_SCHEDULER, PORT, RANDOM, SETTINGS } from './tokens.js';

/** What an image says that it is. */
const FORMAT = 'hwbp image';
/** Of the format: another one is refused. */
const VERSION = 1;

/**
 * A kernel that hibernates, as data: JSON throughout. `check` is the CRC-32 of the rest, `composition` what the kernel
 * was made of, which a kernel that goes on from it has to be made of too.
 */
export interface KernelImage {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly check: string;
  readonly composition: ImageValue;
  readonly state: ImageValue;
}

/** A value of the composition: what JSON has no word for is told apart by its text. */
function plain(value: unknown): ImageValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') {
    return value;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return typeof value === 'bigint' ? `${value}n` : typeof value;
  // Somebody's own object, such as a logger: what it is, not what is in it.
  const { name = 'Object' } =
    (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor ?? {};
  if (name !== 'Object') return name;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}

/** What has to be the same where a kernel goes on. */
function compositionOf(kernel: Kernel): { readonly [name: string]: ImageValue } {
  const { arch, cpus, slotPolicy, breakpointScheduler, taskScheduler, plugins, quirks } = kernel.describe();
  const symbols = kernel.symbols.symbols.map(({ name, address, size }) => [name, address, size]);
  return {
    arch: plain(arch),
    cpus,
    slotPolicy,
    breakpointScheduler,
    taskScheduler,
    plugins: plugins.map(({ name, options }) => [name, plain(options)]),
    ...settingsOf(kernel),
    quirks: quirks.filter(({ on }) => on).map(({ name }) => name),
    symbols: crc32(JSON.stringify(plain(symbols))),
  };
}

/** Of the settings, those that decide what happens. */
function settingsOf(kernel: Kernel): { readonly [name: string]: ImageValue } {
  const { quantum, tick, seed, instructionTime = null } = kernel.get(SETTINGS);
  return { quantum, tick, seed, instructionTime };
}

function checkOf(composition: ImageValue, state: ImageValue): string {
  return crc32(JSON.stringify([FORMAT, VERSION, composition, state]));
}

/** What a kernel is now. Changes nothing. Throws EBUSY if something of it cannot be written down. */
function write(kernel: Kernel): KernelImage {
  const { hibernation } = kernel.machine;
  const composition = compositionOf(kernel);
  const parts = hibernation.parts.save();
  const completions = saveCompletions(kernel.machine, kernel.get(PORT), kernel.breakpoints.images);
  const state = { parts, completions, machine: hibernation.save(), random: kernel.get(RANDOM).save() };
  return { format: FORMAT, version: VERSION, check: checkOf(composition, state), composition, state };
}

/** See `kernel.hibernate`. */
export function hibernate(kernel: Kernel): KernelImage {
  const { power, hibernation } = kernel.machine;
  if (power.suspended) throw coreError('POWER_SUSPENDED', 'the machine is suspended; resume it first');
  hibernation.requireWritable();
  // Everything that can be refused is refused before anything happens.
  write(kernel);
  power.suspend();
  try {
    return write(kernel);
  } catch (error) {
    power.resume();
    throw error;
  }
}

/** Throws EINVAL for what is no image, is damaged, or is of another version or composition. */
function checkImage(kernel: Kernel, image: KernelImage): ImageReader {
  const from = new ImageReader(image as unknown as ImageValue, 'image');
  from.field('format').oneOf(FORMAT);
  const version = from.field('version').number();
  if (version !== VERSION) {
    throw coreError('IMAGE_INVALID', `the image is of version ${version}, this is version ${VERSION}; make it again`);
  }
  if (from.field('check').text() !== checkOf(image.composition, image.state)) {
    throw coreError('IMAGE_INVALID', 'the image is damaged: its check does not match; make it again');
  }
  const found = difference(plain(image.composition), compositionOf(kernel), 'composition');
  if (found !== undefined) {
    throw coreError('IMAGE_INVALID', `the image is of another composition: ${found}; compose the kernel as it was`);
  }
  return from.field('state');
}

/** Where two values differ first, and how: in the image, and here. */
function difference(there: ImageValue | undefined, here: ImageValue | undefined, path: string): string | undefined {
  const [a, b] = [fieldsOf(there), fieldsOf(here)];
  if (a === undefined || b === undefined) {
    const [left, right] = [JSON.stringify(there) ?? 'missing', JSON.stringify(here) ?? 'missing'];
    return left === right ? undefined : `${path} is ${left}, here it is ${right}`;
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[name], b[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldsOf(value: ImageValue | undefined): { readonly [name: string]: ImageValue } | undefined {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: ImageValue }) : undefined;
}

/** Has a kernel that was just composed go on where the one of an image was. If this throws, it can only be disposed. */
export function goOn(kernel: Kernel, image: KernelImage): void {
  const { machine, breakpoints } = kernel;
  const state = checkImage(kernel, image);
  if (machine.tasks.size > 0) {
    throw coreError('IMAGE_NOT_FRESH', 'a kernel goes on from an image before it has any task');
  }
  machine.hibernation.requireWritable();
  kernel.makeAll();
  const saved = state.field('machine');
  const online = machine.hibernation.online(saved);
  const parts = state.field('parts');
  for (const index of online) machine.setOnline(index, true);
  for (const { index } of machine.cpus) if (!online.includes(index)) machine.setOnline(index, false);
  kernel.get(BREAKPOINT_SCHEDULER).image?.begin?.();
  machine.power.suspend();
  machine.hibernation.parts.restore(parts);
  breakpoints.images.settle(parts.field('breakpoints'));
  loadCompletions(state.field('completions'), machine, kernel.get(PORT), breakpoints.images);
  // Clocks first: times go on from them.
  kernel.get(RANDOM).restore(state.field('random'));
  machine.hibernation.restore(saved);
  breakpoints.images.seat(parts.field('breakpoints'));
  breakpoints.wideImages.seat();
  machine.power.resume();
}

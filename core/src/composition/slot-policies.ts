import type { ArchManifest } from '../arch/index.js';
import { checkOptions, type Kind, kind, oneOf } from '../errors/index.js';
import { Token, USER_DEBUGGERS } from '../facets/index.js';
import type { Machine } from '../kernel/index.js';
import type { Quirk, QuirkSet } from '../quirks/index.js';
import {
  type CountingMethod,
  FlexibleSlotPolicy,
  LinuxSlotPolicy,
  PriorityPolicy,
  type PriorityRules,
  type SlotHost,
  type SlotPolicy,
} from '../registers/index.js';
import { invalidOption } from './composition-error.js';
import type { Plugin } from './plugin.js';
import { type Provision, provide } from './provision.js';
import { MACHINE, MANIFEST, PRIORITIES, QUIRKS, SLOT_POLICY } from './tokens.js';

/** A slot policy as a plugin: how it is made can be had from it, for policies that wrap another. */
export interface SlotPolicyPlugin extends Plugin {
  create(host: SlotHost): SlotPolicy;
  /** Everything that it provides, the policy itself under a token of somebody else's: see {@link wrapSlotPolicy}. */
  provisions(as: Token<SlotPolicy>): readonly Provision[];
}

/** What policies are made of. */
const PARTS = [MANIFEST, MACHINE, QUIRKS] as const;

/** A slot policy of yours, for `composeKernel({ slotPolicy: ... })`. */
export function defineSlotPolicy(
  name: string,
  create: (host: SlotHost) => SlotPolicy,
  quirks: readonly Quirk[] = [],
): SlotPolicyPlugin {
  const make = (manifest: ArchManifest, machine: Machine, known: QuirkSet): SlotPolicy =>
    create({ manifest, machine, quirks: known });
  return policyPlugin({ name, quirks }, create, (as) => [provide(as, PARTS, make)]);
}

function policyPlugin(
  plugin: Plugin,
  create: SlotPolicyPlugin['create'],
  provisions: SlotPolicyPlugin['provisions'],
): SlotPolicyPlugin {
  return Object.freeze({ ...plugin, create, provisions, provides: provisions(SLOT_POLICY) });
}

/**
 * A slot policy around another one, which decides the rest. Whatever the inner one provides besides (such as
 * `PRIORITIES`), needs and declares, the composition has too.
 */
export function wrapSlotPolicy(
  inner: SlotPolicyPlugin,
  name: string,
  wrap: (inner: SlotPolicy, host: SlotHost) => SlotPolicy,
): SlotPolicyPlugin {
  const within = new Token<SlotPolicy>(inner.name, `compose the slot policy '${name}'`);
  const make = (policy: SlotPolicy, manifest: ArchManifest, machine: Machine, quirks: QuirkSet): SlotPolicy =>
    wrap(policy, { manifest, machine, quirks });
  return policyPlugin(
    { ...inner, name },
    (host) => wrap(inner.create(host), host),
    (as) => [...inner.provisions(within), provide(as, [within, ...PARTS] as const, make)],
  );
}

/** The default: Linux's constraint accounting. */
export function linuxSlotPolicy(): SlotPolicyPlugin {
  return defineSlotPolicy('linux', (host) => new LinuxSlotPolicy(host));
}

/**
 * Flexible breakpoints share the registers that pinned ones leave. Goes with `perfEvents()`, which lets them take
 * turns.
 */
export function flexible(): SlotPolicyPlugin {
  return defineSlotPolicy('flexible', (host) => new FlexibleSlotPolicy(host));
}

/** The rules of the priorities, all optional. */
export interface PrioritiesOptions {
  /**
   * Priorities by owner, which count for its breakpoints whatever these ask for. Default: debuggers in user space
   * (`USER_DEBUGGERS`) have {@link DEBUGGER_PRIORITY}.
   */
  readonly owners?: Readonly<Record<string, number>>;
  /**
   * What is remembered of the users of a register. `exact`, the default: one count for each level, so that a register
   * falls to the highest user that is left. `maximum`: the highest that there was, until the last user has left, which
   * lets requests of the kernel wait longer than they have to.
   */
  readonly counts?: CountingMethod;
  /**
   * Which users a request of the kernel has to exceed. `all`, the default: everybody who uses a register, running or
   * not, so that a watch of the kernel is where it is until somebody asks for something. `running`: those alone whose
   * task is on a CPU: a watch loses its register as one gets there, on every CPU, and has it again as it leaves.
   */
  readonly users?: 'all' | 'running';
}

/** The priority that was proposed for ptrace in 2007, where 0 to 7 were to be had. */
export const DEBUGGER_PRIORITY = 4;

const PRIORITIES_OPTIONS: Readonly<Record<keyof PrioritiesOptions, Kind>> = {
  owners: kind(
    'an object of whole numbers by owner',
    (value) => typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger),
  ),
  counts: oneOf('exact', 'maximum'),
  users: oneOf('all', 'running'),
};

/**
 * The priorities of 2007: higher ones take registers away from lower ones, which wait and are told (`uninstalled` and
 * `installed` of a registration). See `PriorityPolicy` for who gets what.
 */
export function priorities(options: PrioritiesOptions = {}): SlotPolicyPlugin {
  checkOptions('priorities', options, PRIORITIES_OPTIONS, invalidOption);
  const rules: PriorityRules = {
    owners: { [USER_DEBUGGERS]: DEBUGGER_PRIORITY, ...options.owners },
    counts: options.counts ?? 'exact',
    users: options.users ?? 'all',
  };
  const create = (host: SlotHost): PriorityPolicy => new PriorityPolicy(host, rules);
  const made = defineSlotPolicy('priorities', create);
  return policyPlugin({ ...made, options: { ...options } }, create, (as) => [
    ...made.provisions(as),
    provide(PRIORITIES, [as] as const, (policy: SlotPolicy) => policy as PriorityPolicy),
  ]);
}

import { HookList, type HookReport } from '../kernel/index.js';
import type { SlotHolder } from './claim.js';
import type { Hit } from './hit.js';
import type { Registration } from './registration.js';

/**
 * Why a breakpoint leaves its register. `released`: it is unregistered. `displaced`: the slot policy took its slot
 * away. `changed`: it was modified or disabled. `switched`: its scheduler took it out, as its task left the CPU, or
 * another one has its turn.
 */
export type UninstallReason = 'released' | 'displaced' | 'changed' | 'switched';

/**
 * What others may follow of who is in which debug register. They look: whoever changes a breakpoint from inside one of
 * these is in the middle of somebody else's change. Nobody is told what an image puts back of a slot policy's
 * decisions. What somebody throws in here goes to the kernel's error channel, and changes nothing else.
 */
export interface RegisterHooks {
  /** It is in its register: `onCpu` and `register` say in which. */
  readonly installed: HookList<[registration: Registration]>;
  /** It has left its register; `onCpu` and `register` still say which. `by`: of one that was displaced, for whom. */
  readonly uninstalled: HookList<[registration: Registration, why: UninstallReason, by: Registration | undefined]>;
  /** It is unregistered: behind {@link uninstalled}, if it was in a register. */
  readonly released: HookList<[registration: Registration]>;
  /** It is off: behind {@link uninstalled}, likewise. */
  readonly disabled: HookList<[registration: Registration]>;
  /** It was hit, and counts that: before its handler is called. */
  readonly hit: HookList<[registration: Registration, hit: Hit]>;
  /** It was registered without a register, or lost it by a change of its own. */
  readonly waits: HookList<[registration: Registration]>;
  /** Its slot was taken away: before it leaves its register. `by`: for whom, where a request was the reason. */
  readonly displaced: HookList<[registration: Registration, by: Registration | undefined]>;
  /** It has waited, and has a slot now: before it is scheduled. */
  readonly granted: HookList<[registration: Registration]>;
  /**
   * No slot was free for it. `holders`: who was in its way; nobody for one that cannot wait, and would have to.
   */
  readonly refused: HookList<[registration: Registration, holders: readonly SlotHolder[]]>;
  /** A debugger has stopped the machine: every CPU is muted. */
  readonly entered: HookList<[owner: string]>;
}

/** Hooks without anybody in them. `report`: told what one of them throws; the others are called all the same. */
export function createRegisterHooks(report: HookReport): RegisterHooks {
  const list = <Arguments extends readonly unknown[]>(name: string): HookList<Arguments> => new HookList(report, name);
  return {
    installed: list('installed'),
    uninstalled: list('uninstalled'),
    released: list('released'),
    disabled: list('disabled'),
    hit: list('hit'),
    waits: list('waits'),
    displaced: list('displaced'),
    granted: list('granted'),
    refused: list('refused'),
    entered: list('entered'),
  };
}

import type { Access, Cpu } from '../hardware/index.js';
import type { Occupant } from './cpu-driver.js';
import type { ArchManifest } from './manifest.js';
import { accessTouches, type RangeBreakpoint, watchesExecution } from './range-breakpoint.js';

/** A register whose breakpoint an instruction concerns. */
export interface Matched<Info extends RangeBreakpoint = RangeBreakpoint> {
  readonly register: number;
  readonly occupant: Occupant<Info>;
  /** Only bytes, or an instruction, beside what was asked for: in a block that the silicon compares whole. */
  readonly extraneous: boolean;
}

export type Occupants = readonly (Occupant<RangeBreakpoint> | undefined)[];
/** `undefined`: the instruction does not concern the breakpoint. */
type Judge = (info: RangeBreakpoint) => 'hit' | 'extraneous' | undefined;

function each(occupants: Occupants, judge: Judge): readonly Matched[] {
  const matched: Matched[] = [];
  for (const [register, occupant] of occupants.entries()) {
    const judged = occupant === undefined ? undefined : judge(occupant.info);
    if (occupant !== undefined && judged !== undefined)
      matched.push({ register, occupant, extraneous: judged === 'extraneous' });
  }
  return matched;
}

/** Those who watch the execution of the instruction that is executing, or that an exception interrupted. */
export function matchExecution(occupants: Occupants, { pc }: Cpu, { executeGrain }: ArchManifest): readonly Matched[] {
  const block = BigInt(executeGrain);
  return each(occupants, (info) => {
    if (!watchesExecution(info)) return undefined;
    if (info.address === pc) return 'hit';
    return info.address / block === pc / block ? 'extraneous' : undefined;
  });
}

/** Of an access what it loads, what it stores, or both. */
function partsOf(access: Access, loads: boolean, stores: boolean): readonly Access[] {
  const { kind } = access;
  if (loads && stores) return [access];
  if (loads) return kind === 'write' ? [] : [{ ...access, kind: 'read' }];
  return !stores || kind === 'read' ? [] : [{ ...access, kind: 'write' }];
}

/** Those who watch what it accesses, as far as the silicon reports it at this time. */
export function matchAccesses(
  occupants: Occupants,
  cpu: Cpu,
  { grain, timing }: ArchManifest,
  when: 'before' | 'after' | 'any',
): readonly Matched[] {
  const { accesses = [] } = cpu.decode();
  const { data, stores = data } = timing;
  const made =
    when === 'any' ? accesses : accesses.flatMap((access) => partsOf(access, when === data, when === stores));
  return each(occupants, (info) => {
    if (made.some((access) => accessTouches(access, info))) return 'hit';
    return made.some((access) => accessTouches(access, info, grain)) ? 'extraneous' : undefined;
  });
}

/** Those that were asked for. */
export function asked<Info extends RangeBreakpoint>(matched: readonly Matched<Info>[]): readonly Occupant<Info>[] {
  return matched.filter(({ extraneous }) => !extraneous).map(({ occupant }) => occupant);
}

import type { ArchManifest, TargetLayout } from '@hwbp/core';

/**
 * Architectures, by the beginning of GDB's names, of which GDB takes for granted that a watchpoint is reported before
 * the access: it then steps over the instruction itself (`maint print architecture` of GDB 13.1:
 * have_nonsteppable_watchpoint).
 */
const BEFORE = ['powerpc', 'rs6000', 'arm', 'aarch64', 'mips', 'riscv', 'hppa', 'loongarch'];
/**
 * Architectures that GDB steps in software, whatever a stub offers: it decodes the instruction, and plants a breakpoint
 * behind it and where it may jump to (there: software_single_step; powerpc, aarch64 and s390 do so only for sequences
 * of load-reserve and store-conditional, or for displaced ones).
 */
const STEPPED = ['arm', 'mips', 'riscv', 'sparc'];

/**
 * Architectures whose instructions GDB looks at: before it steps, and it steps nothing where it cannot
 * (software_single_step of powerpc); before it unwinds, and where it cannot it leaves a program's frame information
 * alone (the "aarch64 stub" that `set debug frame on` tells of). All zeroes are no instruction of them (Power ISA,
 * appendix of illegal opcodes; Arm ARM, UDF).
 */
const READ = ['powerpc', 'aarch64'];

const isOne = (names: readonly string[], architecture: string): boolean =>
  names.some((name) => architecture.startsWith(name));

const architectureOf = ({ xml }: Pick<TargetLayout, 'xml'>): string => /<architecture>([^<]*)</.exec(xml)?.[1] ?? '';

/** False: GDB can do nothing where the text cannot be read, and zeroes are no instruction. */
export function mayLackText(layout: Pick<TargetLayout, 'xml'>): boolean {
  return !isOne(READ, architectureOf(layout));
}

/**
 * What a person at GDB has to know of a target because GDB takes something else for granted of its architecture; one
 * sentence each. `backed`: instructions are bytes in memory.
 */
export function gdbHabits(
  layout: Pick<TargetLayout, 'xml'>,
  { access, timing }: Pick<ArchManifest, 'access' | 'timing'>,
  { backed }: { readonly backed: boolean },
): readonly string[] {
  const architecture = architectureOf(layout);
  const said: string[] = [];
  const expected = isOne(BEFORE, architecture) ? 'before' : 'after';
  const watches = access.some((kind) => kind !== 'x');
  if (watches && timing.data !== expected) {
    said.push(
      expected === 'before'
        ? `gdb takes it that ${architecture} stops before an access, and steps once more: watches are shown one instruction late, a second access there is missed`
        : `gdb takes it that ${architecture} stops behind an access; this CPU stops before it: gdb shows watches before the value changes, and a watch that waits for a change misses it`,
    );
  }
  if (!backed && isOne(STEPPED, architecture)) {
    said.push(
      `gdb steps ${architecture} in software, by decoding instructions, which are no bytes here: stepi, step and next go astray`,
    );
  }
  return said;
}

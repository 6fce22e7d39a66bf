import type { Breakpoint, Kernel } from '@hwbp/core';
import type { Watch } from './watch.js';

/** What was in one debug register during the replay. */
export interface RegisterContent {
  readonly cpu: number;
  /** The manual's name. */
  readonly register: string;
  /** `undefined`: nothing. */
  readonly content: { readonly breakpoint: Breakpoint; readonly watch: Watch } | undefined;
}

/** Every debug register of every CPU. */
export function registerContents(kernel: Kernel, owners: ReadonlyMap<Breakpoint, Watch>): readonly RegisterContent[] {
  const { slots, registerNames } = kernel.breakpoints.manifest;
  const count = slots.shared ? slots.data : slots.data + slots.instruction;
  return kernel.machine.cpus.flatMap(({ index: cpu }) =>
    Array.from({ length: count }, (_, register) => {
      const held = [...owners].find(([other]) => other.onCpu === cpu && other.register === register);
      const content = held === undefined ? undefined : { breakpoint: held[0], watch: held[1] };
      return { cpu, register: registerNames?.[register] ?? `register ${register}`, content };
    }),
  );
}

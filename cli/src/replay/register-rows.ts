import { hex } from '@hwbp/core';
import type { RegisterContent } from './registers.js';
import type { SiteNames } from './site-names.js';
import type { WatchType } from './watch-spec.js';

/** What is in a debug register, for people. */
export interface RegisterRow {
  readonly cpu: number;
  readonly register: string;
  /** `undefined`: it is free. */
  readonly held:
    | {
        readonly address: string;
        readonly symbol: string;
        readonly type: WatchType;
        readonly length: number;
        readonly owner: string;
        readonly hits: number;
      }
    | undefined;
}

/** Debug registers, with names for the addresses in them. */
export function registerRows(registers: readonly RegisterContent[], names: SiteNames): readonly RegisterRow[] {
  return registers.map(({ cpu, register, content }) => {
    if (content === undefined) return { cpu, register, held: undefined };
    const { breakpoint, watch } = content;
    const { type, length, address } = watch;
    const { owner, hits } = breakpoint;
    return {
      cpu,
      register,
      held: { address: hex(address), symbol: names.place(address), type, length, owner, hits },
    };
  });
}

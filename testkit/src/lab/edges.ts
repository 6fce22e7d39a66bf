import { type ArchManifest, HW_BREAKPOINT_X, type HwBreakpointAttr, hex, registersOf } from '@hwbp/core';
import { equal } from '../assert/index.js';
import type { Bench, BenchState } from './bench.js';
import { conditionName, lastAddress, reportedRange } from './conditions.js';

/** A byte at an end of what a request watches, inside or outside. */
export interface Edge {
  /** Such as `its last byte`. */
  readonly name: string;
  readonly address: bigint;
  readonly inside: boolean;
}

/** The first and the last byte of a data request, and the bytes beside what silicon may report for it. */
export function edgesOf(manifest: ArchManifest, attr: HwBreakpointAttr): readonly Edge[] {
  const { first, end } = reportedRange(manifest, attr);
  const last = attr.bp_addr + BigInt(attr.bp_len) - 1n;
  const edges: Edge[] = [
    { name: 'its first byte', address: attr.bp_addr, inside: true },
    { name: 'its last byte', address: last, inside: true },
    { name: 'the byte in front of it', address: first - 1n, inside: false },
    { name: 'the byte behind it', address: end, inside: false },
  ];
  return edges.filter(({ address }) => address >= 0n && address <= lastAddress(manifest));
}

/** How {@link checkExact} looks at a request. */
export interface Looking extends BenchState {
  /** What happened before. */
  readonly when?: string;
  /** False: nothing of the request may hit. Default true. */
  readonly armed?: boolean;
}

/** A request that is armed hits where it says and nowhere beside it, for the kinds of access that it names. */
export function checkExact(bench: Bench, attr: HwBreakpointAttr, { when, armed = true, ...state }: Looking = {}): void {
  const { manifest } = bench.backend;
  const name = conditionName(attr);
  const what = when === undefined ? name : `${when}: ${name}`;
  if (attr.bp_type === HW_BREAKPOINT_X) {
    const raised = bench.execute({ pc: attr.bp_addr }, state).length;
    equal(raised, armed ? 1 : 0, `${what}: exceptions for its instruction`);
    return;
  }
  for (const edge of edgesOf(manifest, attr)) {
    for (const [kind, bit] of [
      ['read', 1],
      ['write', 2],
    ] as const) {
      const hits = armed && edge.inside && (attr.bp_type & bit) !== 0;
      const raised = bench.execute({ accesses: [{ kind, address: edge.address, size: 1 }] }, state).length;
      equal(raised, hits ? 1 : 0, `${what}: exceptions for a ${kind} of ${edge.name}, ${hex(edge.address)}`);
    }
  }
}

/** The registers that a request may be put into. */
export function placesOf(manifest: ArchManifest, attr: HwBreakpointAttr): readonly number[] {
  const { first, end } = registersOf(manifest, attr.bp_type === HW_BREAKPOINT_X ? 'instruction' : 'data');
  return Array.from({ length: end - first }, (_, i) => first + i);
}

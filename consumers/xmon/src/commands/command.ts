import type { Cpu, SymbolTable } from '@hwbp/core';
import type { XmonParts } from '../parts.js';
import type { Points } from '../points/points.js';
import { Refusal } from '../refusal.js';
import type { Scanner } from '../text/scanner.js';
import type { World } from '../world.js';

/** What commands work on. */
export interface Desk {
  readonly parts: XmonParts;
  readonly world: World;
  readonly points: Points;
  /** Nothing may be changed. */
  readonly readOnly: boolean;
  /** The CPU that is shown. @settable */
  cpu: Cpu;
  /** What an empty line does. @settable */
  repeat: string | undefined;
}

/** A command of xmon's. Refuses by a `Refusal`, or a `KernelError`, before it changes anything. */
export interface Command {
  readonly names: readonly string[];
  /** For the help: how it is typed, and what it does. */
  readonly usage: string;
  readonly help: string;
  /** Returns what it prints. `name`: the one of its names that was typed. */
  run(desk: Desk, args: Scanner, name: string): string;
}

/** An argument that a command cannot do without. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Refusal(`${what} is missing: type ? for help`);
  return value;
}

/** Bytes of a long. */
export const wordOf = ({ parts }: Desk): number => parts.manifest.wordSize;

export const symbolsOf = ({ parts }: Desk): SymbolTable => parts.symbols;

import type { KernelSymbol } from '@hwbp/core';
import type { DebugInformation, DebugVariable } from '../dwarf/debug-information.js';
import { usageError } from '../errors.js';
import type { NamePath, PathStep } from './name-path.js';
import { nearest } from './nearest.js';

/** Members that are listed. */
const MOST_LISTED = 20;

/** A place in memory with the type that is there. */
interface TypedPlace {
  /** As written so far. */
  readonly text: string;
  readonly address: bigint;
  readonly type: number | undefined;
  readonly size: number | undefined;
}

/**
 * The part of a variable that a path leads to. Throws a usage error that begins with `at` and says which step cannot be
 * made.
 */
export function variablePart(
  { name, address, type }: DebugVariable,
  { steps }: NamePath,
  { types }: DebugInformation,
  at: string,
): KernelSymbol {
  let place: TypedPlace = { text: name, address, type, size: types.size(type) };
  for (let i = 0; i < steps.length; ) {
    const step = steps[i] as PathStep;
    if (step.kind === 'member') {
      place = member(place, step.name);
      i++;
      continue;
    }
    const indices: number[] = [];
    const most = types.dimensions(place.type).length || 1;
    for (let next = steps[i]; next?.kind === 'index' && indices.length < most; next = steps[++i])
      indices.push(next.index);
    place = element(place, indices);
  }
  if (place.size === undefined)
    throw usageError(`${at}: the debug information does not say how large ${place.text} is`);
  return { name: place.text, address: place.address, size: place.size };

  function member(from: TypedPlace, wanted: string): TypedPlace {
    const part = types.member(from.type, wanted);
    if (part !== undefined) {
      const size = types.size(part.type);
      return { text: `${from.text}.${wanted}`, address: from.address + BigInt(part.offset), type: part.type, size };
    }
    const kind = types.kind(from.type);
    if (kind === 'pointer') throw behindPointer(from);
    if (kind !== 'structure') throw usageError(`${at}: ${from.text} is no structure: it has no member '${wanted}'`);
    const members = types.memberNames(from.type);
    const near = nearest(wanted, members);
    const remedy =
      near.length > 0
        ? `did you mean ${near.join(', ')}?`
        : `it has ${members.slice(0, MOST_LISTED).join(', ') || 'none'}${members.length > MOST_LISTED ? `, and ${members.length - MOST_LISTED} more` : ''}`;
    throw usageError(`${at}: ${from.text} has no member '${wanted}'`, remedy);
  }

  function element(from: TypedPlace, indices: readonly number[]): TypedPlace {
    const counts = types.dimensions(from.type);
    if (types.kind(from.type) === 'pointer') throw behindPointer(from);
    if (counts.length === 0) throw usageError(`${at}: ${from.text} is no array: it has no elements`);
    const text = `${from.text}${indices.map((index) => `[${index}]`).join('')}`;
    const over = indices.findIndex((index, i) => index >= (counts[i] ?? Number.POSITIVE_INFINITY));
    if (over >= 0)
      throw usageError(
        `${at}: ${from.text} has ${counts.map((count) => `[${count ?? ''}]`).join('')}: there is no ${text}`,
        `the last one is ${from.text}${counts.map((count) => `[${(count ?? 1) - 1}]`).join('')}`,
      );
    const part = types.element(from.type, indices);
    if (part === undefined)
      throw usageError(`${at}: the debug information does not say how large the elements of ${from.text} are`);
    return { text, address: from.address + BigInt(part.offset), type: part.type, size: part.size };
  }

  function behindPointer({ text }: TypedPlace): Error {
    return usageError(
      `${at}: ${text} is a pointer: where it points is in no file`,
      'watch the address that it has, such as 0x4a9c040/4, or the pointer itself',
    );
  }
}

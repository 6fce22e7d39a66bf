import { type MisuseError, objectWith, shown } from '../errors/index.js';
import type { Clock } from './clock.js';
import type { DebugUnit } from './debug-unit.js';

const UNIT = objectWith(
  'a debug unit, such as backend.createUnit() makes',
  ...(['fetch', 'access', 'retire', 'discard', 'move', 'reset'] satisfies (keyof DebugUnit)[]),
);
const CLOCK = objectWith(
  'a clock, such as new VirtualClock(1000)',
  ...(['advance', 'until'] satisfies (keyof Clock)[]),
);
/** What the functions that build a computer return. */
const MADE = { createUnit: { noun: 'unit', kind: UNIT }, createClock: { noun: 'clock', kind: CLOCK } } as const;

const typeError: MisuseError = (message) => new TypeError(message);

/** What one of the functions returned for a CPU. Throws a TypeError that names the function for anything else. */
export function checkMade<T>(by: keyof typeof MADE, made: T, cpu: number, error: MisuseError = typeError): T {
  const { noun, kind } = MADE[by];
  if (kind.is(made)) return made;
  throw error(`${by} returned no ${noun} for CPU ${cpu}, but ${shown(made)}: it returns ${kind.what}`);
}

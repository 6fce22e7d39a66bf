import type { StateView } from '../model/state-view.js';

/** Every single value of a view, under a name of its own. */
function* valuesOf({ cpus, tasks, variables, watches }: StateView): Generator<readonly [key: string, value: string]> {
  for (const { index, slots, registers, task, pc, silicon } of cpus) {
    yield [`cpu ${index} silicon`, silicon];
    yield [`cpu ${index} task`, `${task}`];
    yield [`cpu ${index} pc`, pc];
    for (const { register, owner, what, hits } of slots) {
      yield [`cpu ${index} slot ${register}`, `${owner} ${what}`];
      yield [`cpu ${index} hits ${register}`, String(hits)];
    }
    for (const { name, value, fields } of registers) {
      yield [`cpu ${index} ${name}`, value];
      for (const field of fields) yield [`cpu ${index} ${name} ${field.name} ${field.bits}`, field.value];
    }
  }
  for (const { name, guest, pc, state, registers, debug } of tasks) {
    yield [`task ${guest} ${name} pc`, pc];
    yield [`task ${guest} ${name} state`, state];
    for (const [register, value] of Object.entries({ ...registers, ...debug })) {
      yield [`task ${guest} ${name} ${register}`, value];
    }
  }
  for (const [index, { state, hits }] of watches.entries()) yield [`watch ${index}`, `${state} ${hits}`];
  for (const { of, symbol, values } of variables) {
    for (const [index, value] of values.entries()) yield [`variable ${of} ${symbol} ${index}`, value];
  }
}

/** The names of the values that differ from those of the view before; none if there was none. */
export function changesOf(before: StateView | undefined, now: StateView): ReadonlySet<string> {
  if (before === undefined) return new Set();
  const old = new Map(valuesOf(before));
  const changed = new Set<string>();
  for (const [key, value] of valuesOf(now)) if (old.get(key) !== value) changed.add(key);
  return changed;
}

import { MODELS, type RegisterView } from '@hwbp/playground/model';

export type ModelName = keyof typeof MODELS;

/** Values of registers by the names that instructions have for them. */
export type Held = Readonly<Record<string, bigint>>;

/** All registers of a model that hold these values, and 0 where none is said; trigger 4 counts instructions. */
export function registersOf(model: ModelName, held: Held = {}): readonly RegisterView[] {
  return MODELS[model].registers((name, select) => {
    if (name === 'tdata1' && select?.value === 4n) return 3n << 60n;
    return held[name] ?? 0n;
  });
}

/** One of them. */
export function registerOf(model: ModelName, name: string, held: Held = {}): RegisterView {
  const found = registersOf(model, held).find((register) => register.name === name);
  if (found === undefined) throw new TypeError(`${model} has no ${name}`);
  return found;
}

import type { TextRule } from '../model/scenario.js';
import { Check, Choice, Name, Whole } from './fields.js';

/** The fields of an object that may hold such a value. */
type KeyOf<T, V> = { [K in keyof T]-?: NonNullable<T[K]> extends V ? K : never }[keyof T] & string;

interface Named<K> {
  readonly key: K;
  /** In a table the head of its column. */
  readonly label: string;
  /** What it is called behind "of", for screen readers. Default: the label. */
  readonly spoken?: string;
  /** What it means, for whoever points at it. */
  readonly meaning?: string;
}

/** How one field of an object is changed. */
export type FieldSpec<T> =
  | (Named<KeyOf<T, string>> & {
      readonly kind: 'choice';
      readonly titles: Readonly<Record<string, string>>;
      /** Choosing the empty one takes the field away. */
      readonly optional?: boolean;
    })
  | (Named<KeyOf<T, string>> & {
      readonly kind: 'name';
      readonly rule: TextRule;
      /** Id of a datalist with names that there are. */
      readonly list?: string;
      /** Sentences, of up to so many characters. */
      readonly most?: number;
    })
  | (Named<KeyOf<T, number>> & {
      readonly kind: 'whole';
      readonly least: number;
      readonly most: number;
      /** What an empty field means; without it, that there is none. */
      readonly otherwise?: number;
    })
  | (Named<KeyOf<T, boolean>> & { readonly kind: 'check' });

interface FieldOfProps<T> {
  readonly spec: FieldSpec<T>;
  readonly item: T;
  /** What it is a field of, for screen readers, where the label alone stands at the head of a column. */
  readonly of?: string;
  /** `undefined`: the field is taken away. */
  readonly change: (key: string, value: string | number | boolean | undefined) => void;
}

/** The field of an object that changes it. */
export function FieldOf<T>({ spec, item, of, change }: FieldOfProps<T>) {
  const { key, label, spoken = label, meaning } = spec;
  const value: unknown = item[key];
  const common = {
    label: of === undefined ? label : `${spoken} of ${of}`,
    bare: of !== undefined,
    ...(meaning === undefined ? {} : { meaning }),
  };
  switch (spec.kind) {
    case 'choice': {
      const chosen = typeof value === 'string' ? value : '';
      const told = (next: string): void => change(key, spec.optional === true && next === '' ? undefined : next);
      return <Choice {...common} value={chosen} titles={spec.titles} change={told} />;
    }
    case 'name': {
      const { rule, list, most } = spec;
      return (
        <Name
          {...common}
          value={String(value)}
          rule={rule}
          {...(list === undefined ? {} : { list })}
          {...(most === undefined ? {} : { most, wide: true })}
          change={(next) => change(key, next)}
        />
      );
    }
    case 'whole': {
      const { least, most, otherwise } = spec;
      return (
        <Whole
          {...common}
          optional={otherwise === undefined}
          value={typeof value === 'number' ? value : otherwise}
          least={least}
          most={most}
          change={(next) => change(key, next ?? otherwise)}
        />
      );
    }
    case 'check':
      return <Check {...common} value={value === true} change={(next) => change(key, next)} />;
  }
}

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { FieldOf, type FieldSpec } from './field-of.js';
import { numbered } from './numbered.js';
import { Scroll } from './scroll.js';

interface ItemTableProps<T> {
  readonly legend: string;
  /** What one of them is called. */
  readonly one: string;
  /** It needs the whole width. */
  readonly wide?: boolean;
  readonly items: readonly T[];
  /** How many there may be. */
  readonly least: number;
  readonly most: number;
  /** A column each. */
  readonly columns: readonly FieldSpec<T>[];
  /** What is seldom changed, of an item: behind a button. Without it there is none. */
  readonly more?: (item: T) => readonly FieldSpec<T>[];
  /** What of that is set, in a few words. */
  readonly set?: (item: T) => string;
  /** Another one. */
  readonly create: () => T;
  readonly change: (items: readonly T[]) => void;
  readonly children?: ComponentChildren;
}

/** An object with one field changed, or without it. */
function altered<T extends object>(item: T, key: string, value: unknown): T {
  const { [key as keyof T]: _, ...rest } = item;
  return (value === undefined ? rest : { ...rest, [key]: value }) as T;
}

interface RowProps<T> {
  readonly table: ItemTableProps<T>;
  readonly item: T;
  readonly place: number;
}

function Row<T extends object>({ table, item, place }: RowProps<T>) {
  const { one, items, least, columns, more, set, change } = table;
  const [open, setOpen] = useState(false);
  const name = `${one} ${place + 1}`;
  const seldom = more?.(item);
  const alter = (key: string, value: unknown): void => change(items.with(place, altered(item, key, value)));
  return (
    <>
      <tr>
        {columns.map((spec) => (
          <td key={spec.key}>
            <FieldOf spec={spec} item={item} of={name} change={alter} />
          </td>
        ))}
        {seldom !== undefined && (
          <td>
            <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
              {set?.(item) || 'more'}
              <span class="hidden"> of {name}</span>
            </button>
          </td>
        )}
        <td>
          <button
            type="button"
            disabled={items.length <= least}
            aria-label={`Remove ${name}`}
            onClick={() => change(items.toSpliced(place, 1))}
          >
            ×
          </button>
        </td>
      </tr>
      {open && seldom !== undefined && (
        <tr class="more">
          <td colSpan={columns.length + 2}>
            {seldom.map((spec) => (
              <FieldOf key={spec.key} spec={spec} item={item} change={alter} />
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

/** A list of things that somebody puts together. */
export function ItemTable<T extends object>(table: ItemTableProps<T>) {
  const { legend, one, wide = false, items, most, columns, more, create, change, children } = table;
  return (
    <fieldset class={wide ? 'items whole' : 'items'}>
      <legend>{legend}</legend>
      <Scroll label={`${legend} of the scenario`}>
        <table>
          <thead>
            <tr>
              {columns.map(({ label }) => (
                <th scope="col" key={label}>
                  {label}
                </th>
              ))}
              {[...(more === undefined ? [] : ['more']), 'remove'].map((head) => (
                <th scope="col" key={head}>
                  <span class="hidden">{head}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {numbered(items).map(({ item, place }) => (
              <Row key={place} table={table} item={item} place={place} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <button type="button" disabled={items.length >= most} onClick={() => change([...items, create()])}>
        Add a {one}
      </button>
      {items.length >= most && ` There are ${most} at most.`}
      {children}
    </fieldset>
  );
}

import { useId, useState } from 'preact/hooks';
import type { TextRule } from '../model/scenario.js';

interface FieldProps {
  readonly label: string;
  /** The label is for screen readers alone: a table's head says the same. */
  readonly bare?: boolean;
  /** What it means, for whoever points at it. */
  readonly meaning?: string;
}

/** Its label, which belongs to the field that follows. */
function Label({ label, bare = false }: FieldProps) {
  return <span class={bare ? 'hidden' : ''}>{label}</span>;
}

/** A choice among a few. */
export function Choice<T extends string>({
  label,
  bare = false,
  meaning,
  value,
  titles,
  change,
}: FieldProps & {
  readonly value: T;
  readonly titles: Readonly<Record<T, string>>;
  readonly change: (value: T) => void;
}) {
  const entries = Object.entries<string>(titles);
  return (
    <label class="field" title={meaning}>
      <Label label={label} bare={bare} />
      <select value={value} onChange={({ currentTarget }) => change(currentTarget.value as T)}>
        {entries.map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DraftProps extends FieldProps {
  readonly value: string;
  /** What is wrong with a value; `undefined`: nothing. */
  readonly problem: (draft: string) => string | undefined;
  readonly change: (value: string) => void;
  /** Each letter counts at once. */
  readonly live?: boolean;
  /** Of numbers. */
  readonly range?: { readonly min: number; readonly max: number };
  /** Of texts. */
  readonly most?: number;
  readonly list?: string;
  readonly wide?: boolean;
}

/**
 * A field that somebody writes in: what is written stays, whatever the page draws meanwhile, and counts when the field
 * is left, if it can. What cannot be is told beside it.
 */
function Draft(props: DraftProps) {
  const { label, bare = false, meaning, value, problem, change, live = false, range, most, list, wide = false } = props;
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const wrong = draft === undefined ? undefined : problem(draft);
  const leave = (): void => {
    if (draft === undefined || wrong !== undefined) return;
    setDraft(undefined);
    if (draft !== value) change(draft);
  };
  const shared = {
    id,
    value: draft ?? value,
    'aria-invalid': wrong !== undefined,
    ...(wrong === undefined ? {} : { 'aria-describedby': `${id}-wrong` }),
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) => {
      setDraft(currentTarget.value);
      if (live && problem(currentTarget.value) === undefined) change(currentTarget.value);
    },
    onBlur: leave,
    onChange: leave,
    onKeyDown: ({ key }: { readonly key: string }) => {
      if (key === 'Escape') setDraft(undefined);
    },
  };
  return (
    <span class="checked">
      <label class="field" title={meaning} htmlFor={id}>
        <Label label={label} bare={bare} />
        {wide ? (
          <textarea {...shared} class="wide" rows={2} {...(most === undefined ? {} : { maxLength: most })} />
        ) : range === undefined ? (
          <input
            {...shared}
            type="text"
            spellcheck={false}
            autocomplete="off"
            {...(most === undefined ? {} : { maxLength: most })}
            {...(list === undefined ? {} : { list })}
          />
        ) : (
          <input {...shared} type="number" {...range} />
        )}
      </label>
      {wrong !== undefined && (
        <span class="wrong" role="alert" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </span>
  );
}

/** A whole number; empty where it may be absent. */
export function Whole({
  value,
  least,
  most,
  optional = false,
  change,
  ...field
}: FieldProps & {
  readonly value: number | undefined;
  readonly least: number;
  readonly most: number;
  readonly optional?: boolean;
  readonly change: (value: number | undefined) => void;
}) {
  const problem = (draft: string): string | undefined => {
    const number = Number(draft);
    if (draft === '' ? optional : Number.isInteger(number) && number >= least && number <= most) return undefined;
    return `a whole number from ${least} to ${most}${optional ? ', or nothing' : ''}`;
  };
  return (
    <Draft
      {...field}
      value={value === undefined ? '' : String(value)}
      problem={problem}
      change={(draft) => change(draft === '' ? undefined : Number(draft))}
      range={{ min: least, max: most }}
    />
  );
}

/** A name. */
export function Name({
  value,
  list,
  rule,
  most = 64,
  live = false,
  wide = false,
  change,
  ...field
}: FieldProps & {
  readonly value: string;
  /** Id of a datalist with names that there are. */
  readonly list?: string;
  readonly rule?: TextRule;
  /** Characters at most. */
  readonly most?: number;
  readonly live?: boolean;
  readonly wide?: boolean;
  readonly change: (value: string) => void;
}) {
  return (
    <Draft
      {...field}
      value={value}
      problem={(draft) => (rule === undefined || rule.pattern.test(draft) ? undefined : rule.message)}
      change={change}
      live={live}
      most={most}
      wide={wide}
      {...(list === undefined ? {} : { list })}
    />
  );
}

/** Yes or no. */
export function Check({
  label,
  bare = false,
  meaning,
  value,
  change,
}: FieldProps & { readonly value: boolean; readonly change: (value: boolean) => void }) {
  return (
    <label class="field check" title={meaning}>
      <input type="checkbox" checked={value} onChange={({ currentTarget }) => change(currentTarget.checked)} />
      <Label label={label} bare={bare} />
    </label>
  );
}

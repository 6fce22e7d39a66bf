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

/** A whole number; empty where it may be absent. */
export function Whole({
  label,
  bare = false,
  meaning,
  value,
  least,
  most,
  optional = false,
  change,
}: FieldProps & {
  readonly value: number | undefined;
  readonly least: number;
  readonly most: number;
  readonly optional?: boolean;
  readonly change: (value: number | undefined) => void;
}) {
  const onChange = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => {
    if (currentTarget.value === '' && optional) {
      change(undefined);
      return;
    }
    const number = Math.floor(Number(currentTarget.value));
    change(Math.min(most, Math.max(least, Number.isFinite(number) ? number : least)));
  };
  return (
    <label class="field" title={meaning}>
      <Label label={label} bare={bare} />
      <input type="number" min={least} max={most} value={value ?? ''} onChange={onChange} />
    </label>
  );
}

/** A name. */
export function Name({
  label,
  bare = false,
  meaning,
  value,
  list,
  most = 64,
  live = false,
  change,
}: FieldProps & {
  readonly value: string;
  /** Id of a datalist with names that there are. */
  readonly list?: string;
  /** Characters at most. */
  readonly most?: number;
  /** Each letter counts at once, and not when the field is left. */
  readonly live?: boolean;
  readonly change: (value: string) => void;
}) {
  const told = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => change(currentTarget.value);
  return (
    <label class="field" title={meaning}>
      <Label label={label} bare={bare} />
      <input
        type="text"
        spellcheck={false}
        autocomplete="off"
        maxLength={most}
        value={value}
        {...{ [live ? 'onInput' : 'onChange']: told }}
        {...(list === undefined ? {} : { list })}
      />
    </label>
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

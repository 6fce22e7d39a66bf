/** Bytes, as people read them. */
function sizeText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One file, or several. */
export function FileField({
  label,
  files = [],
  multiple = false,
  change,
}: {
  readonly label: string;
  readonly files: readonly File[] | undefined;
  readonly multiple?: boolean;
  readonly change: (files: readonly File[]) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="file"
        multiple={multiple}
        onChange={({ currentTarget }) => change([...(currentTarget.files ?? [])])}
      />
      <span>{files.map(({ name, size }) => `${name} (${sizeText(size)})`).join(', ')}</span>
    </label>
  );
}

/** Text of several lines. */
export function Lines({
  label,
  value,
  change,
}: {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <textarea
        rows={3}
        spellcheck={false}
        autocomplete="off"
        maxLength={100_000}
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}

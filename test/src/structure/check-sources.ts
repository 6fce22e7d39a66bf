/** A row of the table of the sources (docs/sources.md). */
export interface SourceRow {
  readonly id: string;
  /** Cases of the contract suites, by id. */
  readonly cases: readonly string[];
  /** Tests, by file and the beginning or a part of the title. */
  readonly tests: readonly { readonly file: string; readonly title: string }[];
  /** Why there is no test. */
  readonly missing: string | undefined;
}

/** The rows of the table. Throws for a line of it that is no row. */
export function rowsOf(page: string): readonly SourceRow[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (id|---) /.test(line));
  return lines.map((line) => {
    const [, id = '', , shown = ''] = line
      .split(' | ')
      .flatMap((cell, at) => (at === 0 ? ['', cell.slice(2)] : [cell]));
    if (!/^\d{3}-\d+$/.test(id)) throw new TypeError(`no row: ${line}`);
    const tests = [...shown.matchAll(/([\w./-]+\.test\.ts): "([^"]+)"/g)].map(([, file = '', title = '']) => ({
      file,
      title,
    }));
    const cases = [...shown.matchAll(/`([a-z]+\/[a-z0-9-]+)`/g)].map(([, name = '']) => name);
    const missing = /missing: (.+?) \|?$/.exec(shown)?.[1];
    return { id, cases, tests, missing };
  });
}

/** The titles of a file's tests, `both` schedulers' too: what is written in them, `${...}` included. */
export function titlesOf(text: string): readonly string[] {
  return [...text.matchAll(/\b(?:test|both)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)].map(([, , title = '']) =>
    title.replace(/\\(.)/g, '$1'),
  );
}

/** What is wrong with a row; `read`: a file of the repository, `undefined` where there is none. */
export function complaintsOf(
  { id, cases, tests, missing }: SourceRow,
  contractCases: ReadonlySet<string>,
  read: (file: string) => string | undefined,
): readonly string[] {
  if (cases.length + tests.length === 0 && missing === undefined) return [`${id}: no test, and no reason why`];
  const unknown = cases.filter((name) => !contractCases.has(name)).map((name) => `${id}: there is no case ${name}`);
  const lost = tests.flatMap(({ file, title }) => {
    const text = read(file);
    if (text === undefined) return [`${id}: there is no ${file}`];
    return titlesOf(text).some((one) => one.includes(title)) ? [] : [`${id}: no test "${title}" in ${file}`];
  });
  return [...unknown, ...lost];
}

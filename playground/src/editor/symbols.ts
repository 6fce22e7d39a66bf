/** Names that a text defines. */
export interface TextSymbols {
  /** Labels of data. */
  readonly data: readonly string[];
  /** Labels of instructions. */
  readonly functions: readonly string[];
  /** Labels that belong to the one before them. */
  readonly local: readonly string[];
}

const LABEL = /^\s*(\.?[A-Za-z_][\w.$]*):/;
const DIRECTIVE = /^\s*\.(u8|u16|u32|u64|text|bss|align)\b/;

/** The labels of a text, as it is being written: what is wrong in it is passed by. */
export function symbolsOf(text: string): TextSymbols {
  const [data, functions, local]: [string[], string[], string[]] = [[], [], []];
  let waiting: string[] = [];
  for (const line of text.split('\n')) {
    let rest = line;
    for (let found = LABEL.exec(rest); found !== null; found = LABEL.exec(rest)) {
      const [whole, name = ''] = found;
      if (name.startsWith('.')) local.push(name);
      else waiting.push(name);
      rest = rest.slice(whole.length);
    }
    if (/^\s*([;#]|\/\/|$)/.test(rest)) continue;
    (DIRECTIVE.test(rest) ? data : functions).push(...waiting);
    waiting = [];
  }
  return { data, functions: [...functions, ...waiting], local };
}

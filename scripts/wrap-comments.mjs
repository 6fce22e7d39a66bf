// Comments have at most 120 columns, as the code has: biome formats code and leaves comments alone.
// node scripts/wrap-comments.mjs          says which do not, and fails (part of `npm run lint`)
// node scripts/wrap-comments.mjs --write  wraps them anew (part of `npm run format`)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const COLUMNS = 120;
const SOURCE = /\.(tsx?|mts|mjs|js)$/;
/** A paragraph does not go on here: a tag, a line of a table, a fence, a drawing. */
const VERBATIM = /^(@|\||```|#|\s{3,}|[─│┌└├]|=+$|-+$)/;
const ITEM = /^(-|\d+\.) /;

/** The text of a comment line and what stands before it; `undefined`: it is none. */
function parse(line) {
  const found = /^(\s*)(\* ?|\/\/ ?)(.*)$/.exec(line);
  if (found === null || /^\s*\*\//.test(line)) return undefined;
  const [, indent, mark, text] = found;
  return { prefix: `${indent}${mark.trim()}`, text };
}

/** Fills lines with words. `rest`: what the lines behind the first one begin with. */
function fill(words, first, rest) {
  const lines = [];
  let line = first;
  for (const word of words) {
    const longer = line.endsWith(' ') ? `${line}${word}` : `${line} ${word}`;
    if (longer.length <= COLUMNS || line === first || line === rest) {
      line = longer;
    } else {
      lines.push(line);
      line = `${rest}${word}`;
    }
  }
  return [...lines, line];
}

/** The words of a text; what stands in braces or backticks stays in one piece. */
function wordsOf(text) {
  return text.match(/(?:\{@[^}]*\}|`[^`]*`|\S)+/g) ?? [];
}

/** Wraps the paragraph at `from`, and returns where it ends. */
function wrapParagraph(lines, from) {
  const { prefix, text: begin } = parse(lines[from]);
  const item = ITEM.exec(begin)?.[0];
  const hang = item === undefined ? (/^\s*/.exec(begin)?.[0] ?? '') : ' '.repeat(item.length);
  const texts = [begin];
  let end = from + 1;
  for (; end < lines.length; end++) {
    const next = parse(lines[end]);
    if (next === undefined || next.prefix !== prefix) break;
    const own = next.text.trim();
    if (own === '' || ITEM.test(own) || VERBATIM.test(next.text) || !next.text.startsWith(hang)) break;
    texts.push(own);
  }
  const words = wordsOf(texts.join(' ').slice(item?.length ?? 0));
  const wrapped = fill(words, `${prefix} ${item ?? hang}`, `${prefix} ${hang}`);
  lines.splice(from, end - from, ...wrapped);
  return from + wrapped.length;
}

/** The lines of a file with every comment wrapped. */
export function wrap(source) {
  const lines = source.split('\n');
  let fence = false;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (/^\s*\*?\s*```/.test(line)) fence = !fence;
    const single = /^(\s*)\/\*\* (.*) \*\/$/.exec(line);
    if (single !== null && line.length > COLUMNS) {
      const [, indent, text] = single;
      lines.splice(at, 1, `${indent}/**`, `${indent} * ${text}`, `${indent} */`);
      at++;
      continue;
    }
    const comment = line.length > COLUMNS && !fence ? parse(line) : undefined;
    if (comment === undefined || VERBATIM.test(comment.text)) at++;
    else at = Math.max(at + 1, wrapParagraph(lines, paragraphStart(lines, at)));
  }
  return lines.join('\n');
}

/** The first line of the paragraph that a line belongs to. */
function paragraphStart(lines, at) {
  const { prefix } = parse(lines[at]);
  let start = at;
  while (start > 0 && !ITEM.test(parse(lines[start]).text)) {
    const before = parse(lines[start - 1]);
    if (before === undefined || before.prefix !== prefix) break;
    const text = before.text.trim();
    if (text === '' || VERBATIM.test(before.text)) break;
    start--;
  }
  return start;
}

const write = process.argv.includes('--write');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
let wrong = 0;
for (const file of files.split('\n').filter((name) => SOURCE.test(name))) {
  let source;
  try {
    source = readFileSync(file, 'utf8');
  } catch {
    // Deleted, and not yet committed.
    continue;
  }
  const wrapped = wrap(source);
  if (wrapped === source) continue;
  if (write) {
    writeFileSync(file, wrapped);
  } else {
    const was = source.split('\n');
    const first = wrapped.split('\n').findIndex((line, at) => line !== was[at]);
    process.stderr.write(`${file}:${first + 1}: a comment has more than ${COLUMNS} columns; run npm run format\n`);
  }
  wrong++;
}
if (wrong > 0 && !write) process.exitCode = 1;

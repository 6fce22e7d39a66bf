import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** From test/dist/docs. */
export const ROOT = path.join(import.meta.dirname, '../../..');

/** A program, or a piece of one, in a page. */
export interface Snippet {
  /** From the root. */
  readonly file: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly code: string;
  /** What a piece needs in front of it to be compiled: `<!-- given: declare const kernel: Kernel; -->`. */
  readonly given: string;
  /** Why it is not compiled: `<!-- not compiled: it is ... -->`. */
  readonly excuse: string | undefined;
  /** What stands in a block of no language right behind it: what it prints. */
  readonly prints: string | undefined;
}

/** What is no page of ours: built, installed, or written by a program. */
const OTHERS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'api', '.git', '.changeset']);

/** Every page of the repository, from the root. */
export function pages(directory = ''): readonly string[] {
  return readdirSync(path.join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(directory, entry.name);
    if (entry.isDirectory()) return OTHERS.has(entry.name) ? [] : pages(file);
    return entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md' ? [file] : [];
  });
}

const SNIPPET =
  /^(?:<!-- (?<marker>given|not compiled):\s*(?<text>[\s\S]*?)\s*-->\n\n?)?```(?:ts|typescript|js|javascript|mjs)\n(?<code>[\s\S]*?)^```$(?:\n\n```\n(?<prints>[\s\S]*?)^```$)?/gm;

/** The snippets of a page, in order. */
export function snippetsOf(file: string): readonly Snippet[] {
  const page = readFileSync(path.join(ROOT, file), 'utf8');
  return [...page.matchAll(SNIPPET)].map((match) => {
    const { marker, text = '', code = '', prints } = match.groups ?? {};
    const line = page.slice(0, page.indexOf('```', match.index)).split('\n').length + 1;
    return {
      file,
      line,
      code,
      given: marker === 'given' ? text : '',
      excuse: marker === 'not compiled' ? text : undefined,
      prints,
    };
  });
}

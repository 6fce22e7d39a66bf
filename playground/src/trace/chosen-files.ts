import { fileKind, HEAD, usageError, wrongTrace } from '@hwbp/cli/portable';
import { bytesOf } from './page-file.js';

/** Files by what they are. */
export interface ChosenFiles {
  readonly trace: File | undefined;
  readonly program: File | undefined;
  readonly libraries: readonly File[];
}

/** How libraries are named: `libc.so.6`, `libfoo-1.2.so`. */
const LIBRARY = /\.so(?:\.[\w.]+)?$/;

/**
 * Tells files that were dropped apart by what they begin with; a program whose name is a library's is one. Throws a
 * usage error for what is neither a trace nor a program, and for two of a kind of which there is one.
 */
export async function chosenFiles(files: readonly File[]): Promise<ChosenFiles> {
  const traces: File[] = [];
  const programs: File[] = [];
  const libraries: File[] = [];
  for (const file of files) {
    const head = await bytesOf('file', file, HEAD);
    const kind = fileKind(head, file.name);
    if (kind === 'unknown' && head.includes(0)) {
      throw usageError(
        `${file.name} is neither a trace of Valgrind's Lackey nor a program`,
        'drop one trace, plain or gzipped, the program that was traced (ELF), and libraries',
      );
    }
    if (kind !== 'program') {
      const error = wrongTrace(kind, file.name, 'replay');
      if (error !== undefined) throw error;
      traces.push(file);
    } else (LIBRARY.test(file.name) ? libraries : programs).push(file);
  }
  return { trace: one(traces, 'traces'), program: one(programs, 'programs'), libraries };
}

function one(files: readonly File[], what: string): File | undefined {
  if (files.length < 2) return files[0];
  throw usageError(
    `there are ${files.length} ${what}: ${files.map(({ name }) => name).join(', ')}`,
    'drop one trace, the program that was traced, and libraries, which have names such as libc.so.6',
  );
}

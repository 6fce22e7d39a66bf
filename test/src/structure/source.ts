/** A source file, by its path from the root of the repository. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** `core`, `arch-x86`, `consumers/ptrace`, ...: what a path belongs to. */
export function packageOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'consumers' ? `${first}/${second}` : first;
}

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';

/** A program that a test cannot do without and that npm does not install. */
export interface Tool {
  readonly name: string;
  /** How to get it. */
  readonly install: string;
  /** Names or absolute paths of the executable; the first that exists counts. */
  readonly executables: readonly string[];
}

export const CHROMIUM: Tool = {
  name: 'chromium',
  install: 'apt-get install chromium',
  executables: ['/usr/bin/chromium', 'chromium', 'chromium-browser'],
};

export const GDB: Tool = {
  name: 'gdb-multiarch',
  install: 'apt-get install gdb-multiarch',
  executables: ['gdb-multiarch'],
};

export const LLDB: Tool = {
  name: 'lldb',
  install: 'apt-get install lldb',
  executables: ['lldb', ...['19', '18', '17', '16', '15', '14'].map((version) => `lldb-${version}`)],
};

export const PERF: Tool = {
  name: 'perf',
  install: 'apt-get install linux-perf',
  executables: ['/usr/bin/perf', 'perf'],
};

export const PYTHON: Tool = {
  name: 'python3',
  install: 'apt-get install python3',
  executables: ['/usr/bin/python3', 'python3'],
};

/** The path of an executable, as a shell would find it. */
export function findExecutable({ executables }: Tool, searchPath = process.env.PATH ?? ''): string | undefined {
  return executables
    .flatMap((name) =>
      path.isAbsolute(name) ? name : searchPath.split(path.delimiter).map((folder) => path.join(folder, name)),
    )
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * What to do with a test whose tool is missing: CI has them all, so there it fails; elsewhere it is skipped, and says
 * why.
 */
export function withoutTool(title: string, { name, install }: Tool, ci: boolean): { title: string; fails: boolean } {
  const why = `needs ${name} (${install})`;
  return ci ? { title: `${title}: ${why}`, fails: true } : { title: `${title}; skipped: ${why}`, fails: false };
}

/** A test that needs a tool: it gets the path of its executable. */
export function testWith(
  tool: Tool,
  title: string,
  implementation: (t: ExecutionContext, executable: string) => Promise<void>,
): void {
  const executable = findExecutable(tool);
  if (executable !== undefined) {
    test(title, (t) => implementation(t, executable));
    return;
  }
  const missing = withoutTool(title, tool, process.env.CI === 'true');
  if (missing.fails)
    test(missing.title, (t) => t.fail(`${tool.name} is missing, and CI must not skip: ${tool.install}`));
  else test.skip(missing.title, () => {});
}

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../replay/run-cli.js';

/** Where modules find this project's packages: a folder of a test, gone afterwards. */
export class UserModules implements Disposable {
  readonly folder = realpathSync(mkdtempSync(path.join(ROOT, 'test/dist/modules-')));

  constructor() {
    this.write('package.json', '{ "name": "modules", "type": "module" }');
  }

  /** Writes a file, with its folders; returns its path. */
  write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The example of a chip that nobody has built. */
export const HERON = path.join(ROOT, 'examples/src/toy-arch/heron.ts');
/** How a module imports it. */
export const IMPORT_HERON = "import { heron } from '@hwbp/examples/toy-arch';\n";

import { builtinModules } from 'node:module';
import path from 'node:path';
import { Node, Project, type SourceFile } from 'ts-morph';
import { packageOf, type Source } from './source.js';
import { specifierOf } from './specifier.js';

/** Lines that a source file may have; only generated files, and lists of what a package exports, may have more. */
export const MOST_LINES = 350;

/**
 * Layers inside core: each may import itself and what stands further down. The schedulers are alternatives, which share
 * a contract.
 */
const CORE_LAYERS: readonly (readonly string[])[] = [
  ['composition'],
  ['facets'],
  ['breakpoint'],
  ['scheduling/events', 'scheduling/direct'],
  ['scheduling'],
  ['registers'],
  ['arch'],
  ['kernel'],
  ['programs'],
  ['hardware'],
];
/** Folders of core that import nothing of core but themselves, and that anybody may import. */
const CORE_LEAVES = ['errors', 'image', 'quirks', 'random', 'text'];

/** What runs in a browser, and what core must not know by name. */
const PORTABLE =
  /^(core|arch-[^/]+|lackey|locks|history|schedulers|syscalls|devices|consumers\/[^/]+|conform|testkit)\//;
/** What of the command runs in a browser: for the page. */
const CLI_PORTABLE = '@hwbp/cli/portable';
/** An entry of its own for Node, such as `@hwbp/kgdb/server`: its package's other files must not import it. */
const NODE_ENTRY = /^(consumers\/[^/]+\/src\/server|conform\/src\/files)\//;
const CHIPS = /^(x86|i386|i486|amd|amd64|intel|arm64|ppc|ppc64|powerpc|dabr|dawr|ciabr|dr[0-7]|eflags|rflags|msr)$/;
const CONSUMERS = /^(ptrace|kgdb|ftrace|ksym|kvm|perf|xmon)$/;
/** Names that Linux's interfaces have given: they are the field's names, not ours. Messages may use them too. */
const GIVEN =
  /\b(TRAP_PERF(?:_FLAG_ASYNC)?|perfEvents|PerfEventsOptions|perf-events\.js|si_perf_data|si_perf_type|si_perf_flags)\b/g;
/** Contracts that are one architecture's published interface, under its names; and the lists that pass them on. */
const PUBLISHED = new Set([
  'core/src/facets/hardware-debug-requests.ts',
  'core/src/facets/index.ts',
  'core/src/index.ts',
]);
const PUBLISHED_NAMES = /\bPPC_(BREAKPOINT|DEBUG_FEATURE)_[A-Z0-9_]+\b/g;
const GLOBALS = new Set(['console', 'Date', 'performance']);
const BUILTIN = new Set(builtinModules);
/** Decorators and functions of tsyringe that register into the global container. */
const REGISTERING = new Set(['singleton', 'scoped', 'registry', 'autoInjectable', 'predicateAwareClassFactory']);
const COMPOSITION = 'core/src/composition/';
/** What composing is measured beside. */
const BARE_CONTAINER = 'bench/src/bare-container.ts';
/** Where a package lists the codes of its errors. */
const CATALOGUE = /^(core\/src\/errors\/|[^/]+\/src\/errors\.ts$|consumers\/[^/]+\/src\/errors\.ts$)/;
/** What recordings of every architecture have in common; each has a folder of its own beside these. */
const COMMON_PLAYER = /^conform\/src\/(files|format|ops|player)\//;
const RECORDED_ARCHITECTURE = /^(@hwbp\/arch-|arch-|conform\/src\/(?!files|format|ops|player)[^/]+\/)/;

/** The package that a specifier names, if it is one of ours. */
function packageNamed(specifier: string): string | undefined {
  const name = /^@hwbp\/([^/]+)/.exec(specifier)?.[1];
  if (name === undefined) return undefined;
  return /^(core|lackey|locks|history|schedulers|syscalls|devices|conform|testkit|scaffold|create-.+|cli|playground|test|examples|bench|recorder|arch-.+)$/.test(
    name,
  )
    ? name
    : `consumers/${name}`;
}

/** What each package may import of ours, in words and as a pattern; those that are not named may import core only. */
const MAY_IMPORT: Readonly<Record<string, readonly [words: string, packages: RegExp]>> = {
  core: ['nothing of ours', /^$/],
  conform: ['core, arch-* and consumers/* only', /^(core|arch-.+|consumers\/.+)$/],
  scaffold: ['nothing of ours', /^$/],
  'create-arch': ['scaffold only', /^scaffold$/],
  'create-consumer': ['scaffold only', /^scaffold$/],
};
const CORE_ONLY = ['core only', /^core$/] as const;

/** What a package may import, in words, if this is not among it. */
function forbidden(from: string, to: string): string | undefined {
  if (from === to) return undefined;
  const own = MAY_IMPORT[from];
  if (own === undefined && !PORTABLE.test(`${from}/`)) return to === 'cli' ? 'anything but the command' : undefined;
  const [words, packages] = own ?? CORE_ONLY;
  return packages.test(to) ? undefined : words;
}

/** The folder of core that a path lies in; `undefined` elsewhere and for core's index. */
function coreFolder(file: string): string | undefined {
  return /^core\/src\/(scheduling\/[^/]+|[^/]+)\//.exec(file)?.[1];
}

function rankOf(folder: string): number {
  return CORE_LAYERS.findIndex((layer) => layer.includes(folder));
}

/** The words of an identifier or a text: `DR7_GE`, `dr7Enables` and `a dr7 bit` all have `dr7`. */
function words(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}

/** True for a file that says what a package exports, and nothing else. */
function isList(file: SourceFile): boolean {
  return file.getStatements().every((statement) => Node.isExportDeclaration(statement));
}

class Checker {
  readonly violations: string[] = [];
  readonly #source: Source;
  readonly #file: SourceFile;

  constructor(source: Source, file: SourceFile) {
    this.#source = source;
    this.#file = file;
  }

  check(): void {
    this.#length();
    this.#file.forEachDescendant((node) => {
      const specifier = specifierOf(node);
      this.#exports(node);
      if (specifier !== undefined) this.#import(node, specifier);
      this.#environment(node);
      this.#names(node);
      this.#container(node);
      this.#code(node);
    });
  }

  #say(node: Node | undefined, rule: string, change: string): void {
    const line = node?.getStartLineNumber() ?? 1;
    this.violations.push(`${this.#source.path}:${line}: ${rule}; ${change}`);
  }

  #length(): void {
    const lines = this.#source.text.split('\n');
    const count = lines.length - (lines.at(-1) === '' ? 1 : 0);
    if (count <= MOST_LINES || /generated by/i.test(lines[0] ?? '') || isList(this.#file)) return;
    this.#say(undefined, `${count} lines, more than ${MOST_LINES}`, 'split it: one concept per file');
  }

  #import(node: Node, specifier: string): void {
    const { path: file } = this.#source;
    const from = packageOf(file);
    const target = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
    const to = target === undefined ? packageNamed(specifier) : packageOf(target);
    const allowed = to === undefined || specifier === CLI_PORTABLE ? undefined : forbidden(from, to);
    if (allowed !== undefined) {
      this.#say(
        node,
        `${from} imports ${to}`,
        `${from} may import ${allowed}: let it name a facet or an interface of core`,
      );
    }
    if (target !== undefined) this.#layer(node, target);
    if (COMMON_PLAYER.test(file) && RECORDED_ARCHITECTURE.test(target ?? specifier)) {
      this.#say(
        node,
        `the common part of conform imports ${target ?? specifier}`,
        'say it in the table of that architecture: RecordedArchitecture',
      );
    }
    if (target !== undefined && NODE_ENTRY.test(target) && !NODE_ENTRY.test(file)) {
      this.#say(node, `${from} imports its entry for Node`, 'the rest of it runs in a browser: turn the arrow round');
    }
    if (PORTABLE.test(file) && !NODE_ENTRY.test(file) && (specifier.startsWith('node:') || BUILTIN.has(specifier))) {
      this.#say(node, `${from} imports the Node built-in ${specifier}`, 'it runs in a browser: have it injected');
    }
    const composed = file.startsWith(COMPOSITION) || file === BARE_CONTAINER;
    if ((specifier === 'tsyringe' || specifier === 'reflect-metadata') && !composed) {
      this.#say(node, `${specifier} is imported outside ${COMPOSITION}`, 'take inject and injectable from @hwbp/core');
    }
  }

  #layer(node: Node, target: string): void {
    const from = coreFolder(this.#source.path);
    const to = coreFolder(target);
    if (from === undefined || to === undefined || from === to || CORE_LEAVES.includes(to)) return;
    if (CORE_LEAVES.includes(from)) {
      this.#say(
        node,
        `core/${from} is a leaf and imports core/${to}`,
        'move what it needs into the leaf, or pass it in',
      );
      return;
    }
    for (const folder of [from, to]) {
      if (rankOf(folder) >= 0) continue;
      this.#say(node, `core/${folder} has no place among the layers`, 'give it one in DESIGN.md and in this test');
      return;
    }
    if (rankOf(to) > rankOf(from)) return;
    this.#say(
      node,
      `core/${from} imports core/${to}, which does not stand below it`,
      `declare an interface in core/${from} and let core/${to} implement it`,
    );
  }

  /** What a room of core offers is said name by name. */
  #exports(node: Node): void {
    if (!this.#source.path.startsWith('core/') || !Node.isExportDeclaration(node) || node.hasNamedExports()) return;
    this.#say(node, 'core exports whatever there is', 'list the names: export { A, type B } from ...');
  }

  #environment(node: Node): void {
    const { path: file } = this.#source;
    if (!PORTABLE.test(file) || NODE_ENTRY.test(file) || !Node.isIdentifier(node) || isJustAName(node)) return;
    const name = node.getText();
    const parent = node.getParent();
    const property = Node.isPropertyAccessExpression(parent) ? `${name}.${parent.getName()}` : name;
    if (GLOBALS.has(name)) {
      this.#say(node, `${name} is used`, 'output, time and clocks are injected: Logger, Clock');
    } else if (property === 'Math.random') {
      this.#say(node, 'Math.random is used', 'the same composition gives the same run: use a seeded generator');
    }
  }

  #names(node: Node): void {
    const { path: file } = this.#source;
    const common = COMMON_PLAYER.test(file);
    if (!common && !file.startsWith('core/')) return;
    const text = Node.isIdentifier(node) || Node.isPrivateIdentifier(node) ? node.getText() : literalText(node);
    if (text === undefined) return;
    const given = PUBLISHED.has(file) ? text.replaceAll(PUBLISHED_NAMES, '') : text;
    for (const word of words(given.replaceAll(GIVEN, ''))) {
      const what = CHIPS.test(word) ? 'a chip' : !common && CONSUMERS.test(word) ? 'a consumer' : undefined;
      if (what === undefined) continue;
      if (common) this.#say(node, `the common part of conform names ${what}: ${word}`, "say it in that chip's table");
      else this.#say(node, `core names ${what}: ${word}`, 'name the capability instead (comments may cite)');
      return;
    }
  }

  #code(node: Node): void {
    const { path: file } = this.#source;
    if (!PORTABLE.test(file) || CATALOGUE.test(file) || !Node.isNewExpression(node)) return;
    if (node.getExpression().getText() !== 'KernelError') return;
    this.#say(
      node,
      'a KernelError is made outside a catalogue',
      'give its code a place in errors.ts, and make it there',
    );
  }

  #container(node: Node): void {
    const composed = this.#source.path.startsWith(COMPOSITION);
    if (Node.isCallExpression(node)) {
      const callee = node.getExpression();
      if (!Node.isPropertyAccessExpression(callee) || !/^resolve(All)?$/.test(callee.getName())) return;
      if (composed || !/container/i.test(callee.getExpression().getText())) return;
      this.#say(node, 'a container is asked outside the composition', 'have it injected into the constructor');
    }
    if (!Node.isImportSpecifier(node)) return;
    if (node.getImportDeclaration().getModuleSpecifierValue() !== 'tsyringe') return;
    const name = node.getName();
    if (REGISTERING.has(name)) {
      this.#say(
        node,
        `${name} registers into the global container`,
        'use injectable: a kernel has a container of its own',
      );
    }
    if (name === 'container') this.#globalContainer(node.getAliasNode()?.getText() ?? name);
  }

  /** All that may be done with the global container is to make a child of it. */
  #globalContainer(alias: string): void {
    this.#file.forEachDescendant((node) => {
      if (!Node.isIdentifier(node) || node.getText() !== alias || isJustAName(node)) return;
      const parent = node.getParent();
      if (Node.isImportSpecifier(parent)) return;
      if (Node.isPropertyAccessExpression(parent) && parent.getName() === 'createChildContainer') return;
      this.#say(node, 'the global container is used', 'only root.createChildContainer() may be called on it');
    });
  }
}

/** A name that refers to nothing outside: a member, a key, a declaration. */
function isJustAName(node: Node): boolean {
  const parent = node.getParent();
  if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() === node;
  if (Node.isPropertyAssignment(parent) || Node.isPropertySignature(parent) || Node.isPropertyDeclaration(parent)) {
    return parent.getNameNode() === node;
  }
  return Node.isMethodDeclaration(parent) || Node.isMethodSignature(parent);
}

function literalText(node: Node): string | undefined {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return node.getLiteralValue();
  if (Node.isTemplateHead(node) || Node.isTemplateMiddle(node) || Node.isTemplateTail(node)) return node.getText();
  return undefined;
}

/** What is wrong, as `file:line: rule; what to change`. */
export function checkLayers(sources: readonly Source[]): string[] {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  return sources.flatMap((source) => {
    const checker = new Checker(source, project.createSourceFile(source.path, source.text, { overwrite: true }));
    checker.check();
    return checker.violations;
  });
}

import {
  type ImportDeclarationStructure,
  IndentationText,
  type JSDocStructure,
  type OptionalKind,
  Project,
  QuoteKind,
  type SourceFileStructure,
  StructureKind,
  ts,
  type WriterFunction,
} from 'ts-morph';

/** Text of a source file, as ts-morph writes it. */
export function sourceText(statements: SourceFileStructure['statements']): string {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    manipulationSettings: {
      indentationText: IndentationText.TwoSpaces,
      quoteKind: QuoteKind.Single,
      insertSpaceAfterOpeningAndBeforeClosingNonemptyBraces: true,
    },
  });
  const text = project.createSourceFile('made.ts', statements === undefined ? {} : { statements }).getFullText();
  // One line between declarations, whatever wrote them.
  return text.replaceAll(/\n{3,}/g, '\n\n');
}

/** How far a line goes. */
const COLUMNS = 120;

/**
 * `import { a, type B } from '...'`: names in the order in which linters want them, on lines of their own if need be.
 */
export function importOf(
  moduleSpecifier: string,
  ...names: readonly string[]
): ImportDeclarationStructure | WriterFunction {
  const plain = (name: string): string => name.replace(/^type /, '').toLowerCase();
  const sorted = [...names].sort((a, b) => (plain(a) < plain(b) ? -1 : 1));
  const line = `import { ${sorted.join(', ')} } from '${moduleSpecifier}';`;
  if (names.every((name) => name.startsWith('type '))) {
    const namedImports = sorted.map((name) => ({ name: name.replace(/^type /, '') }));
    return { kind: StructureKind.ImportDeclaration, moduleSpecifier, namedImports, isTypeOnly: true };
  }
  if (line.length <= COLUMNS) {
    return { kind: StructureKind.ImportDeclaration, moduleSpecifier, namedImports: sorted.map((name) => ({ name })) };
  }
  return (writer) => {
    writer.writeLine('import {').indent(() => {
      for (const name of sorted) writer.writeLine(`${name},`);
    });
    writer.writeLine(`} from '${moduleSpecifier}';`);
  };
}

/** `export const`, with its comment. */
export function constantOf(name: string, initializer: string, doc: string, type?: string): string {
  return `\n/** ${doc} */\nexport const ${name}${type === undefined ? '' : `: ${type}`} = ${initializer};`;
}

/** A comment, in a block if it has several lines. */
export function docOf(text: string): OptionalKind<JSDocStructure> {
  return { description: text.includes('\n') ? `\n${text}` : text };
}

/** True for what the language does not let anything be called. */
export function isKeyword(name: string): boolean {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, name);
  return scanner.scan() !== ts.SyntaxKind.Identifier;
}

import { Node } from 'ts-morph';

/** What an import, a re-export, a dynamic import or an import type names. */
export function specifierOf(node: Node): string | undefined {
  if (Node.isImportDeclaration(node) || Node.isExportDeclaration(node)) return node.getModuleSpecifierValue();
  if (Node.isImportTypeNode(node)) return /['"](.*)['"]/.exec(node.getArgument().getText())?.[1];
  if (Node.isCallExpression(node) && node.getExpression().getText() === 'import') {
    const [argument] = node.getArguments();
    return Node.isStringLiteral(argument) ? argument.getLiteralValue() : undefined;
  }
  return undefined;
}

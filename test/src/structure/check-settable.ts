import {
  type ClassDeclaration,
  type InterfaceDeclaration,
  type JSDocableNode,
  Node,
  Project,
  type TypeElementTypes,
} from 'ts-morph';
import type { Source } from './source.js';

/** What a doc comment says of a field that is meant to be set from outside. */
const SETTABLE = '@settable';

/** A member that may be declared settable, where it stands, and what anybody can do to it. */
interface Member {
  readonly name: string;
  readonly node: Node & JSDocableNode;
}

/** True for what nobody outside can name. */
function isHidden(node: Node): boolean {
  return Node.isModifierable(node) && (node.hasModifier('private') || node.hasModifier('protected'));
}

/** The public members of a class that can be assigned from outside, those of the classes that it extends included. */
function* ofClass(declaration: ClassDeclaration): Generator<Member> {
  for (const property of declaration.getProperties()) {
    if (isHidden(property) || property.isReadonly() || property.getName().startsWith('#')) continue;
    yield { name: property.getName(), node: property };
  }
  for (const accessor of declaration.getSetAccessors()) {
    if (isHidden(accessor) || accessor.getName().startsWith('#')) continue;
    // The comment stands on the first of a pair.
    yield { name: accessor.getName(), node: accessor.getGetAccessor() ?? accessor };
  }
  for (const made of declaration.getConstructors()) {
    for (const parameter of made.getParameters()) {
      if (!parameter.isParameterProperty() || isHidden(parameter) || parameter.isReadonly()) continue;
      yield { name: parameter.getName(), node: made };
    }
  }
  for (const property of declaration.getProperties()) {
    if (!isHidden(property) && !property.getName().startsWith('#')) yield* ofNested(property, property.getName());
  }
  const parent = declaration.getBaseClass();
  if (parent !== undefined) yield* ofClass(parent);
}

/** The members of an interface, or of an object type, and of the object types inside them. */
function* ofMembers(members: readonly TypeElementTypes[], path = ''): Generator<Member> {
  for (const member of members) {
    if (Node.isPropertySignature(member)) {
      const name = `${path}${member.getName()}`;
      if (!member.isReadonly()) yield { name, node: member };
      yield* ofNested(member, name);
    } else if (Node.isIndexSignatureDeclaration(member) && !member.isReadonly()) {
      yield { name: `${path}[...]`, node: member };
    }
  }
}

/** Members of object types that are written inside a member's type. */
function* ofNested(node: Node & { getTypeNode(): Node | undefined }, name: string): Generator<Member> {
  const type = node.getTypeNode();
  if (Node.isTypeLiteral(type)) yield* ofMembers(type.getMembers(), `${name}.`);
}

function* ofInterface(declaration: InterfaceDeclaration): Generator<Member> {
  yield* ofMembers(declaration.getMembers());
  for (const parent of declaration.getBaseDeclarations()) {
    if (Node.isInterfaceDeclaration(parent)) yield* ofInterface(parent);
  }
}

/** What can be assigned of something that a package offers. */
function membersOf(declaration: Node): Iterable<Member> {
  if (Node.isClassDeclaration(declaration)) return ofClass(declaration);
  if (Node.isInterfaceDeclaration(declaration)) return ofInterface(declaration);
  const type = Node.isTypeAliasDeclaration(declaration) ? declaration.getTypeNode() : undefined;
  return Node.isTypeLiteral(type) ? ofMembers(type.getMembers()) : [];
}

function isMeant(node: JSDocableNode): boolean {
  return node.getJsDocs().some((doc) => doc.getText().includes(SETTABLE));
}

/**
 * Fields of what a package offers that anybody may assign although the package believes them:
 * `file:line: ...; what to change`. `sources`: of one package; `index`: the file that says what it offers.
 */
export function checkSettable(sources: readonly Source[], index: string): string[] {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  for (const { path, text } of sources) project.createSourceFile(`/${path}`, text);
  const violations: string[] = [];
  for (const [name, declarations] of project.getSourceFileOrThrow(`/${index}`).getExportedDeclarations()) {
    for (const declaration of declarations) {
      for (const member of membersOf(declaration)) {
        if (isMeant(member.node)) continue;
        const file = member.node.getSourceFile().getFilePath().slice(1);
        violations.push(
          `${file}:${member.node.getStartLineNumber()}: anybody can assign ${name}.${member.name}; ` +
            `make it readonly, or a getter over a private field; if whoever has it is meant to set it, say ${SETTABLE}`,
        );
      }
    }
  }
  return violations;
}

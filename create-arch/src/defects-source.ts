import { constantOf, docOf, importOf, sourceText } from '@hwbp/scaffold';
import { StructureKind } from 'ts-morph';
import type { Chip } from './chip.js';
import { PLANTED, type PlantedDefect } from './defect.js';

const HOW_MANY = 5;

/** Moves every line of a text to the right. */
const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));

function subjectOf({ unit, backend }: PlantedDefect, { className }: Chip): string {
  if (backend !== undefined) return `() => ({ ...sound, ${backend} })`;
  return `withUnit(\n  class extends ${className}Unit {\n${indented(unit ?? '', 4)}\n  },\n)`;
}

function listOf(defects: readonly PlantedDefect[], chip: Chip): string {
  const items = defects.map(
    (defect) => `{\n  name: '${defect.name}',\n${indented(`subject: ${subjectOf(defect, chip)}`, 2)},\n},\n`,
  );
  return `[\n${indented(items.join(''), 2)}]`;
}

/** `defects/defects.ts`: five mistakes that the suite has to find. */
export function defectsSource(chip: Chip): string {
  const { functionName, className, place } = chip;
  const defects = PLANTED.filter(({ applies }) => applies(chip)).slice(0, HOW_MANY);
  const subject = '() => ArchBackend<RangeBreakpoint>';
  const core = new Set(['type ArchBackend', 'type RangeBreakpoint', ...defects.flatMap(({ uses }) => uses)]);
  return sourceText([
    importOf('@hwbp/core', ...core),
    importOf('@hwbp/testkit', 'backendContract', 'type TestFunction'),
    importOf('../src/index.js', `${functionName}Backend`),
    importOf('../src/unit.js', `${className}Unit`),
    {
      kind: StructureKind.TypeAlias,
      name: 'Subject',
      type: subject,
      docs: [docOf('Makes a backend for the suite.')],
      leadingTrivia: '\n',
    },
    `\nconst sound = ${functionName}Backend();\n`,
    {
      kind: StructureKind.Function,
      name: 'withUnit',
      parameters: [{ name: 'Unit', type: `new () => ${className}Unit` }],
      returnType: 'Subject',
      statements: 'return () => ({ ...sound, createUnit: () => new Unit() });',
    },
    constantOf('SOUND', `${functionName}Backend`, 'Without any defect.', 'Subject'),
    constantOf(
      'DEFECTS',
      listOf(defects, chip),
      'Each of them has to be found. Add those that you fear.',
      'readonly { readonly name: string; readonly subject: Subject }[]',
    ),
    {
      kind: StructureKind.Function,
      name: 'contractOf',
      isExported: true,
      parameters: [
        { name: 'test', type: 'TestFunction' },
        { name: 'createBackend', type: 'Subject' },
      ],
      returnType: 'void',
      docs: [docOf('The suite that finds them.')],
      statements: `backendContract({ test, name: '${place.name}', createBackend });`,
    },
  ]);
}

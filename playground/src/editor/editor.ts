import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Problem } from '../worker/messages.js';
import { symbolsOf } from './symbols.js';

/** What an editor needs of the page. */
export interface EditorHost {
  readonly text: string;
  readonly mnemonics: () => ReadonlyMap<string, string>;
  changed(text: string): void;
  check(text: string): Promise<Problem | undefined>;
}

/** An editor in the page. */
export interface Editor {
  /** Another text, unless it is the one that is there. */
  show(text: string): void;
  /** Marks the lines that tasks stand at. */
  mark(lines: readonly number[]): void;
  destroy(): void;
}

const REGISTER = /^(r[0-7]|a[0-5]|nr|sp)\b/;

const assembly = (mnemonics: () => ReadonlyMap<string, string>) =>
  StreamLanguage.define<null>({
    name: 'assembly',
    startState: () => null,
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match(/^([;#]|\/\/).*/)) return 'comment';
      if (stream.match(/^"([^"\\]|\\.)*"?/)) return 'string';
      if (stream.match(/^(0x[\da-f_]+|0b[01_]+|\d[\d_]*)/i)) return 'number';
      if (stream.match(/^\.?[A-Za-z_][\w.$]*(?=:)/)) return 'labelName';
      if (stream.match(/^\.(u8|u16|u32|u64|text|bss|align)\b/)) return 'meta';
      if (stream.match(REGISTER)) return 'variableName';
      if (stream.match(/^\.?[A-Za-z_][\w.$]*/)) {
        const [word = ''] = stream.current().split('.');
        return mnemonics().has(word) ? 'keyword' : 'name';
      }
      stream.next();
      return 'punctuation';
    },
    languageData: { commentTokens: { line: ';' } },
  });

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.labelName, color: 'var(--code-label)', fontWeight: 'bold' },
  { tag: tags.meta, color: 'var(--code-meta)' },
  { tag: tags.variableName, color: 'var(--code-register)' },
  { tag: tags.keyword, color: 'var(--code-keyword)' },
]);

const THEME = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--field)', height: '100%', fontSize: '0.85rem' },
  '.cm-scroller': { fontFamily: 'var(--mono)', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--dim)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-at': { backgroundColor: 'var(--at)' },
  // The page allows no pictures in the place of these.
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)' },
  '.cm-lint-marker-error': { content: '"●"', color: 'var(--bad)' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
});

function completions(mnemonics: () => ReadonlyMap<string, string>) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/\.?[A-Za-z_][\w.$]*/);
    if (word === null && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    const line = context.state.doc.lineAt(from);
    const first = /^\s*(\.?[A-Za-z_][\w.$]*:\s*)*$/.test(line.text.slice(0, from - line.from));
    const { data, functions, local } = symbolsOf(context.state.doc.toString());
    const directives = ['.u8', '.u16', '.u32', '.u64', '.text', '.bss', '.align'];
    const registers = [...Array(8).keys()]
      .map((n) => `r${n}`)
      .concat(
        [...Array(6).keys()].map((n) => `a${n}`),
        'nr',
        'sp',
      );
    const options = first
      ? [
          ...[...mnemonics()].map(([label, detail]) => ({ label, detail, type: 'keyword' })),
          ...directives.map((label) => ({ label, type: 'keyword', detail: 'data' })),
        ]
      : [
          ...data.map((label) => ({ label, type: 'variable', detail: 'data' })),
          ...functions.map((label) => ({ label, type: 'function', detail: 'label' })),
          ...local.map((label) => ({ label, type: 'function', detail: 'local label' })),
          ...registers.map((label) => ({ label, type: 'constant', detail: 'register' })),
        ];
    return { from, options, validFor: /^\.?[\w.$]*$/ };
  };
}

const setLines = StateEffect.define<readonly number[]>();
const AT = Decoration.line({ class: 'cm-at' });

const atLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setLines)) continue;
      const { doc } = transaction.state;
      const lines = [...new Set(effect.value)].filter((line) => line >= 1 && line <= doc.lines).sort((a, b) => a - b);
      now = RangeSet.of(lines.map((line) => AT.range(doc.line(line).from)));
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Puts an editor into an element: in a shadow, where styles that are made at run time are allowed. */
export function createEditor(parent: HTMLElement, host: EditorHost): Editor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
  const check = async (view: EditorView): Promise<readonly Diagnostic[]> => {
    const text = view.state.doc.toString();
    const problem = await host.check(text);
    if (problem === undefined || problem.line > view.state.doc.lines) return [];
    const line = view.state.doc.line(problem.line);
    const from = Math.min(line.from + problem.column - 1, line.to);
    return [{ from, to: Math.max(from, line.to), severity: 'error', message: problem.message }];
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: host.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        EditorView.lineWrapping,
        highlightActiveLine(),
        assembly(host.mnemonics),
        syntaxHighlighting(COLOURS),
        autocompletion({ override: [completions(host.mnemonics)], icons: false }),
        lintGutter(),
        linter(check, { delay: 300 }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        atLines,
        THEME,
        EditorView.contentAttributes.of({ 'aria-label': 'Assembly of the tasks', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) host.changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    show(text) {
      if (view.state.doc.toString() === text) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    mark: (lines) => view.dispatch({ effects: setLines.of(lines) }),
    destroy: () => view.destroy(),
  };
}

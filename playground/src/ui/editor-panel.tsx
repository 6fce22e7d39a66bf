import { useEffect, useRef, useState } from 'preact/hooks';
import type { Editor } from '../editor/editor.js';
import { type Store, useStore } from './store.js';

/** The text of the tasks. The editor comes behind the page: until then, and where it cannot, it is a plain field. */
export function EditorPanel({ store }: { readonly store: Store }) {
  const { scenario, view } = useStore(store);
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor>();
  useEffect(() => {
    let made: Editor | undefined;
    let gone = false;
    void import('../editor/editor.js').then(({ createEditor }) => {
      if (gone || place.current === null) return;
      made = createEditor(place.current, {
        text: store.state.scenario.text,
        mnemonics: () => store.state.mnemonics,
        changed: (text) => {
          if (text !== store.state.scenario.text) store.alter({ text });
        },
        check: (text) => store.check(text),
      });
      setEditor(made);
    });
    return () => {
      gone = true;
      made?.destroy();
    };
  }, [store]);
  // What the store has now, and not what was drawn: whoever types is ahead of that.
  useEffect(() => editor?.show(store.state.scenario.text), [editor, store, scenario.text]);
  useEffect(() => {
    editor?.mark(view?.tasks.filter(({ state }) => state !== 'exited').map(({ line }) => line) ?? []);
  }, [editor, view]);
  return (
    <section class="editor" aria-labelledby="text">
      <h2 id="text">Program</h2>
      <div class="code" ref={place} data-testid="editor" />
      {editor === undefined && (
        <textarea
          class="code"
          spellcheck={false}
          aria-label="Assembly of the tasks"
          value={scenario.text}
          onInput={({ currentTarget }) => store.alter({ text: currentTarget.value })}
        />
      )}
    </section>
  );
}

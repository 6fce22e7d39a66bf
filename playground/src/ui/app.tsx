import { useEffect, useMemo, useState } from 'preact/hooks';
import { EXAMPLES } from '../examples.js';
import { sameScenario } from '../model/same-scenario.js';
import { changesOf } from './changes.js';
import { Controls } from './controls.js';
import { CpuPanel } from './cpus.js';
import { EditorPanel } from './editor-panel.js';
import { Notes } from './notes.js';
import { Memory, Outcomes, Tasks, Trace } from './panels.js';
import { Names, NoteTable, Parts, summaryOf, TaskTable, WatchTable } from './setup.js';
import { type Page, type Store, useStore } from './store.js';
import { isDark, toggleTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { TracePage } from './trace-page.js';

function Header({ store }: { readonly store: Store }) {
  const { page } = useStore(store);
  const [copied, setCopied] = useState(false);
  const [dark, setDark] = useState(isDark());
  const copy = async (): Promise<void> => {
    try {
      await store.linked();
      await navigator.clipboard.writeText(location.href);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      store.say('the browser lets no page copy: the link is in its address bar');
    }
  };
  const tab = (name: Page, title: string) => (
    <button type="button" aria-current={page === name ? 'page' : undefined} onClick={() => void store.turn(name)}>
      {title}
    </button>
  );
  return (
    <header>
      <h1>hwbp playground</h1>
      <nav aria-label="Pages">
        {tab('simulate', 'Simulate')}
        {tab('trace', 'Your trace')}
      </nav>
      <div class="spacer" />
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy link'}
      </button>
      <button
        type="button"
        onClick={() => {
          toggleTheme();
          setDark(isDark());
        }}
      >
        {dark ? 'Light' : 'Dark'} colours
      </button>
    </header>
  );
}

function Examples({ store, go }: { readonly store: Store; readonly go: (count: number) => void }) {
  const { scenario, origin, count } = useStore(store);
  const example = EXAMPLES.find(({ id }) => id === origin);
  const changed = useMemo(
    () => example === undefined || !sameScenario(example.scenario, scenario),
    [example, scenario],
  );
  return (
    <section class="examples" aria-label="Examples">
      <label class="field">
        <span>Example</span>
        <select
          value={changed ? '' : origin}
          data-testid="examples"
          onChange={({ currentTarget }) => {
            const chosen = EXAMPLES.find(({ id }) => id === currentTarget.value);
            if (chosen !== undefined) void store.open(chosen.scenario);
          }}
        >
          {changed && (
            <option value="">
              {scenario.title ?? (example === undefined ? 'yours' : `${example.title}, changed`)}
            </option>
          )}
          {EXAMPLES.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <p>{example?.idea ?? 'Everything here is in the link of this page.'}</p>
      {scenario.notes !== undefined && <Notes notes={scenario.notes} count={count} go={go} />}
    </section>
  );
}

/** What the kernel is made of: a line, and behind it everything that can be chosen. */
function Setup({ store }: { readonly store: Store }) {
  const { scenario, count } = useStore(store);
  return (
    <details class="setup" data-testid="setup">
      <summary>
        <strong>Set-up</strong> {summaryOf(scenario)}
      </summary>
      <div class="setup-parts">
        <Names scenario={scenario} />
        <Parts store={store} scenario={scenario} />
        <TaskTable store={store} scenario={scenario} />
        <WatchTable store={store} scenario={scenario} />
        <NoteTable store={store} scenario={scenario} count={count} />
      </div>
    </details>
  );
}

function Simulate({ store }: { readonly store: Store }) {
  const { scenario, view, before, timeline, count, composed, opened } = useStore(store);
  const changed = useMemo(() => (view === undefined ? new Set<string>() : changesOf(before, view)), [view, before]);
  const go = (to: number): void => store.ask({ kind: 'go', count: to });
  return (
    <>
      <Examples store={store} go={go} />
      <Setup store={store} />
      <Controls store={store} />
      <div class={composed ? '' : 'stale'}>
        {timeline !== undefined && <Timeline key={opened} timeline={timeline} count={count} go={go} store={store} />}
      </div>
      <div class="columns">
        <div class="column">
          <EditorPanel store={store} />
          {view !== undefined && (
            <div class={`column ${composed ? '' : 'stale'}`}>
              <Outcomes view={view} watches={scenario.watches} changed={changed} />
              <Memory view={view} changed={changed} />
            </div>
          )}
        </div>
        {view !== undefined && (
          <div class={`column ${composed ? '' : 'stale'}`}>
            <section class="cpus" aria-label="Debug registers" data-testid="cpus">
              <h2>Debug registers</h2>
              {view.cpus.map((cpu) => (
                <CpuPanel key={cpu.index} cpu={cpu} changed={changed} many={view.cpus.length > 2} />
              ))}
            </section>
            <Tasks view={view} changed={changed} />
            <Trace view={view} go={go} />
          </div>
        )}
      </div>
    </>
  );
}

/** The page. What was brought to the front once stays, with what is in it, when something else is in front. */
export function App({ store }: { readonly store: Store }) {
  const { page, scenario, origin } = useStore(store);
  const [traced, setTraced] = useState(page === 'trace');
  useEffect(() => {
    if (page === 'trace') setTraced(true);
  }, [page]);
  useEffect(() => {
    const title = scenario.title ?? EXAMPLES.find(({ id }) => id === origin)?.title;
    document.title = `${title === undefined ? '' : `${title} - `}hwbp playground`;
  }, [scenario.title, origin]);
  return (
    <>
      <Header store={store} />
      <main hidden={page !== 'simulate'}>
        <Simulate store={store} />
      </main>
      {traced && (
        <div hidden={page !== 'trace'}>
          <TracePage />
        </div>
      )}
    </>
  );
}

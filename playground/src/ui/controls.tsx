import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { MOST_INSTRUCTIONS } from '../model/scenario.js';
import { type Store, useStore } from './store.js';

const number = new Intl.NumberFormat('en');

/** Why it stands where it stands, for people. */
const REASONS: Readonly<Record<string, string>> = {
  loaded: 'nothing has run yet',
  hit: 'the latest instruction hit a breakpoint',
  pause: 'paused',
  count: 'one instruction later',
  back: 'one instruction back',
  go: 'as the kernel was at this count',
  link: 'as the link says',
  limit: `the page runs no more than ${number.format(MOST_INSTRUCTIONS)} instructions`,
  run: 'stopped',
  restart: 'at the beginning',
};

interface ActionProps {
  readonly act: () => void;
  readonly off: boolean;
  readonly hotkey: string;
  readonly tip: string;
  readonly primary?: boolean;
  readonly children: ComponentChildren;
}

/** A button that keeps the focus when there is nothing for it to do: whoever works by keyboard stays where they are. */
function Action({ act, off, hotkey, tip, primary = false, children }: ActionProps) {
  return (
    <button
      type="button"
      class={primary ? 'primary' : ''}
      aria-disabled={off}
      aria-keyshortcuts={hotkey}
      title={`${tip} (key ${hotkey})`}
      onClick={() => {
        if (!off) act();
      }}
    >
      {children}{' '}
      <span class="key" aria-hidden="true">
        {hotkey}
      </span>
    </button>
  );
}

/** Whoever writes means letters. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.matches('input, select, textarea') || target.dataset.testid === 'editor');

const go = (store: Store, to: number): void => store.ask({ kind: 'go', count: to });

/** What there is to do by now, by key. */
function actionsOf(store: Store) {
  const { running, composed, count, view, scenario } = store.state;
  const ended = view?.ended !== undefined;
  const first = count === 0 && !ended;
  const standing = composed && !running;
  const next = scenario.notes?.find(({ at }) => at > count);
  return {
    '0': { act: () => store.ask({ kind: 'restart' }), off: !composed || first },
    b: { act: () => store.ask({ kind: 'back' }), off: !standing || first },
    s: { act: () => store.ask({ kind: 'step' }), off: !standing || ended },
    h: { act: () => store.ask({ kind: 'run', toHit: true }), off: !standing || ended },
    r: { act: () => store.ask(running ? { kind: 'pause' } : { kind: 'run' }), off: !composed || (ended && !running) },
    n: { act: () => next !== undefined && go(store, next.at), off: !standing || next === undefined },
  };
}

/** What makes it go, forward and back. */
export function Controls({ store }: { readonly store: Store }) {
  const { running, composed, count, view, why, message } = useStore(store);
  const [wanted, setWanted] = useState('0');
  const ended = view?.ended !== undefined;
  const actions = actionsOf(store);
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
      // As things stand, drawn or not.
      const now = actionsOf(store);
      const action = Object.hasOwn(now, event.key) ? now[event.key as keyof typeof now] : undefined;
      if (action === undefined || action.off || store.state.page !== 'simulate') return;
      event.preventDefault();
      action.act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [store]);
  const reason = !composed ? 'nothing is composed' : ended ? `nothing can run any more: ${view?.ended}` : REASONS[why];
  const stands = `${number.format(count)} instructions, ${running ? 'running' : (reason ?? '')}`;
  return (
    <div class="controls" role="toolbar" aria-label="Run">
      <Action {...actions[0]} hotkey="0" tip="To the beginning">
        Restart
      </Action>
      <Action {...actions.b} hotkey="b" tip="One instruction back">
        Step back
      </Action>
      <Action {...actions.s} hotkey="s" tip="One instruction">
        Step
      </Action>
      <Action {...actions.h} hotkey="h" tip="Until an instruction hits a breakpoint, and it has retired">
        To next hit
      </Action>
      <Action {...actions.r} hotkey="r" tip="Run, or pause" primary>
        {running ? 'Pause' : 'Run'}
      </Action>
      {store.state.scenario.notes !== undefined && (
        <Action {...actions.n} hotkey="n" tip="To where there is more to look at">
          Next note
        </Action>
      )}
      <form
        class="goto"
        onSubmit={(event) => {
          event.preventDefault();
          if (composed) go(store, Math.min(Math.max(0, Math.floor(Number(wanted))), MOST_INSTRUCTIONS));
        }}
      >
        <label>
          to count{' '}
          <input
            type="number"
            min="0"
            max={MOST_INSTRUCTIONS}
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <button type="submit">Go</button>
      </form>
      <p class="count">
        <strong data-testid="count">{number.format(count)}</strong> instructions,{' '}
        <span data-testid="why">{running ? 'running' : reason}</span>
      </p>
      <p class="hidden" aria-live="polite">
        {running ? 'running' : stands}
      </p>
      {message !== undefined && (
        <p class="message" role="alert" data-testid="message">
          {message}
        </p>
      )}
    </div>
  );
}

import { useState } from 'preact/hooks';
import { type Store, useStore } from './store.js';

/** Why it stands where it stands, for people. */
const REASONS: Readonly<Record<string, string>> = {
  loaded: 'composed: nothing has run yet',
  hit: 'a breakpoint was hit by the instruction before this one',
  ended: 'nothing can run any more',
  pause: 'paused',
  count: 'one instruction later',
  back: 'one instruction back',
  go: 'as the kernel was at this count',
  run: 'stopped',
  restart: 'at the beginning',
};

const number = new Intl.NumberFormat('en');

/** What makes it go, forward and back. */
export function Controls({ store }: { readonly store: Store }) {
  const { running, count, view, why } = useStore(store);
  const [wanted, setWanted] = useState('0');
  const ended = view?.ended !== undefined;
  const act = {
    restart: () => store.ask({ kind: 'restart' }),
    back: () => store.ask({ kind: 'back' }),
    step: () => store.ask({ kind: 'step' }),
    hit: () => store.ask({ kind: 'run', toHit: true }),
    run: () => store.ask(running ? { kind: 'pause' } : { kind: 'run' }),
  };
  const keys: Readonly<Record<string, () => void>> = {
    0: act.restart,
    b: act.back,
    s: act.step,
    h: act.hit,
    r: act.run,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const why_ = running ? 'running' : ended ? `${REASONS.ended} (${view?.ended})` : (REASONS[why] ?? '');
  return (
    <div class="controls" role="toolbar" aria-label="Run" onKeyDown={onKeyDown}>
      <button type="button" onClick={act.restart} disabled={count === 0 && !ended} title="To the beginning (0)">
        Restart
      </button>
      <button
        type="button"
        onClick={act.back}
        disabled={running || (count === 0 && !ended)}
        title="One instruction back (b)"
      >
        Step back
      </button>
      <button type="button" onClick={act.step} disabled={running || ended} title="One instruction (s)">
        Step
      </button>
      <button type="button" onClick={act.hit} disabled={running || ended} title="To behind the next hit (h)">
        To next hit
      </button>
      <button type="button" class="primary" onClick={act.run} disabled={ended && !running} title="Run or pause (r)">
        {running ? 'Pause' : 'Run'}
      </button>
      <form
        class="goto"
        onSubmit={(event) => {
          event.preventDefault();
          store.ask({ kind: 'go', count: Math.max(0, Math.floor(Number(wanted))) });
        }}
      >
        <label>
          to count{' '}
          <input
            type="number"
            min="0"
            max="20000000"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <button type="submit">Go</button>
      </form>
      <p class="count" aria-live="polite">
        <strong data-testid="count">{number.format(count)}</strong> instructions, <span data-testid="why">{why_}</span>
      </p>
    </div>
  );
}

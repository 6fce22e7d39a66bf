import type { ScenarioNote } from '../model/scenario.js';
import { numbered } from './numbered.js';

interface NotesProps {
  readonly notes: readonly ScenarioNote[];
  readonly count: number;
  readonly go: (count: number) => void;
}

/** What to look at, step by step. */
export function Notes({ notes, count, go }: NotesProps) {
  const now = notes.findLastIndex(({ at }) => at <= count);
  return (
    <ol class="notes" aria-label="What to look at" data-testid="notes">
      {numbered(notes).map(({ item: { at, text }, place }) => (
        <li key={place} aria-current={place === now && at === count ? 'step' : undefined}>
          <button type="button" class="link" onClick={() => go(at)}>
            at {at.toLocaleString('en')}
          </button>{' '}
          {text}
        </li>
      ))}
    </ol>
  );
}

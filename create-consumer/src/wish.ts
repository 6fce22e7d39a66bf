import {
  AnswerError,
  type Answers,
  camelCase,
  constantCase,
  oneOf,
  type Place,
  pascalCase,
  type Question,
  textOf,
} from '@hwbp/scaffold';

const SCOPES = ['task', 'kernel'] as const;
const KINDS = ['r', 'w', 'rw', 'x'] as const;
const LENGTHS = ['1', '2', '4', '8'] as const;
const LENGTH_DEFAULT = '4';

/** What is asked of a consumer. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'scope',
    flag: '--scope <whom>',
    text: 'task: watches follow one task; kernel: they are on every CPU',
    initial: 'task',
  },
  { name: 'access', flag: '--access <kind>', text: 'the kind of access that is watched: r, w, rw or x', initial: 'w' },
  {
    name: 'length',
    flag: '--length <bytes>',
    text: 'bytes of data that are watched: 1, 2, 4 or 8',
    initial: LENGTH_DEFAULT,
    skip: (answers) => textOf(answers, 'access') === 'x',
  },
];

/** A consumer, as far as the answers tell it. */
export interface Wish {
  readonly place: Place;
  /** Names in the sources: `HitCounter`, `hitCounter`, `HIT_COUNTER`. */
  readonly className: string;
  readonly functionName: string;
  readonly constantName: string;
  readonly scope: (typeof SCOPES)[number];
  readonly access: (typeof KINDS)[number];
  readonly length: number;
}

/** Checks all answers. Throws an `AnswerError` for the first that cannot be. */
export function wishOf(place: Place, answers: Answers): Wish {
  const access = oneOf('--access', textOf(answers, 'access'), KINDS);
  if (access === 'x' && answers.length !== undefined) {
    throw new AnswerError(`--length ${answers.length}: the architecture says how long an execute breakpoint is`);
  }
  return {
    place,
    className: pascalCase(place.name),
    functionName: camelCase(place.name),
    constantName: constantCase(place.name),
    scope: oneOf('--scope', textOf(answers, 'scope'), SCOPES),
    access,
    length: access === 'x' ? 1 : Number(oneOf('--length', textOf(answers, 'length'), LENGTHS)),
  };
}

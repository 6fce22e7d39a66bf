/** A time in which an event had a register without a break. */
export interface Turn {
  /** Hits that it counted. */
  readonly count: number;
  /** Nanoseconds. */
  readonly running: number;
}

/** With fewer turns nobody knows how much they differ. */
const LEAST_TURNS = 8;
/** Of a normal distribution: 95 % lie within. */
const NORMAL_95 = 1.96;

/**
 * The most that a Poisson process may well have as its mean which showed `k` events (97.5 %; Garwood's limit, in Wilson
 * and Hilferty's approximation of chi squared).
 */
function upperMean(k: number): number {
  const a = k + 1;
  return a * (1 - 1 / (9 * a) + NORMAL_95 / (3 * Math.sqrt(a))) ** 3;
}

/** How much wider Student's distribution is than the normal one (95 %), to the first order. */
function fewTurns(turns: number): number {
  return 1 + (NORMAL_95 ** 2 + 1) / (4 * (turns - 1));
}

/**
 * How far off `counted * enabled / running` may well be, relative to it, in 95 % of cases: from how much the rates of
 * the turns differ, so that hits which come in bursts count as few. `undefined`: nothing was estimated, or there were
 * too few turns, or none with a hit.
 *
 * The turns are a sample of clusters of the whole time, and the estimate is one of a ratio: the variance of its count
 * is that of `count - rate * running` over the turns, less the share that was seen. As many independent hits as have
 * that variance are what the count is worth; the limit is theirs.
 */
export function errorBar(turns: readonly Turn[], enabled: number): number | undefined {
  const count = turns.reduce((sum, turn) => sum + turn.count, 0);
  const running = turns.reduce((sum, turn) => sum + turn.running, 0);
  const { length } = turns;
  if (running >= enabled || count === 0 || length < LEAST_TURNS) return undefined;
  const rate = count / running;
  const squares = turns.reduce((sum, turn) => sum + (turn.count - rate * turn.running) ** 2, 0);
  const variance = (squares * length) / (length - 1);
  // Hits that come more regularly than by chance are not trusted to go on like that.
  const independent = variance > count ? count ** 2 / variance : count;
  return (upperMean(independent) / independent - 1) * fewTurns(length) * Math.sqrt(1 - running / enabled);
}

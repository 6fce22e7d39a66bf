/** Round counts for an axis: steps of 1, 2 or 5 times a power of ten, about as many as are wanted. */
export function ticksOf(from: number, to: number, wanted: number): readonly number[] {
  const rough = Math.max((to - from) / wanted, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let count = Math.ceil(from / step) * step; count <= to; count += step) ticks.push(count);
  return ticks;
}

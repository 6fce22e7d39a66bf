/** Where two values that JSON can hold differ: paths, and what is there. */
export function differences(left: unknown, right: unknown, path = ''): string[] {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right ? [] : [`${path}: ${String(left).slice(0, 80)} and ${String(right).slice(0, 80)}`];
  }
  const [a, b] = [Object.entries(left), Object.entries(right)];
  if (a.map(([name]) => name).join() !== b.map(([name]) => name).join()) return [`${path}: other fields`];
  return a.flatMap(([name, value], at) => differences(value, b[at]?.[1], `${path}.${name}`));
}

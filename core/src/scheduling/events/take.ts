/** Takes an item out of a list in order, if it is there; what came last goes without a copy. */
export function take<T>(list: T[], item: T): void {
  const at = list.lastIndexOf(item);
  if (at < 0) return;
  if (at === list.length - 1) list.pop();
  else list.splice(at, 1);
}

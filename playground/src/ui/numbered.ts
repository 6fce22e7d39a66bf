/** The items of a list that have no name but their place in it. */
export function numbered<T>(list: readonly T[], from = 0): readonly { readonly item: T; readonly place: number }[] {
  return list.map((item, index) => ({ item, place: from + index }));
}

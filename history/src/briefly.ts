/** `w counter` of `w 0x1000+8 counter`: what has a name needs no address where there is little room. */
export function briefly(what: string): string {
  return what.replace(/(^| )([rwx]+) 0x[0-9a-f]+\+\d+ (\S+)$/, '$1$2 $3');
}

/**
 * A script for the page that has its timeline show so many stays and as many hits, on two CPUs of four registers: a
 * stay of three counts each four, and a hit in each.
 */
export function millionRecords(records: number): string {
  return `(() => {
    const lanes = 8;
    const each = ${records} / lanes;
    const columns = (from, to, colour, text) => ({
      from: Float64Array.from({ length: ${records} }, (_, n) => from(n % each)),
      to: Float64Array.from({ length: ${records} }, (_, n) => to(n % each)),
      lane: Int32Array.from({ length: ${records} }, (_, n) => Math.floor(n / each)),
      colour: Int32Array.from({ length: ${records} }, (_, n) => colour(n)),
      text: new Int32Array(${records}).fill(text),
      label: new Int32Array(${records}).fill(text),
      lanes: Int32Array.from({ length: lanes + 1 }, (_, lane) => lane * each),
    });
    const nothing = { ...columns(() => 0, () => 0, () => 0, 0), lanes: new Int32Array(3) };
    const stretch = 4 * lanes;
    playground.show({
      from: 0,
      to: 4 * ${records},
      machines: [{ name: undefined, cpus: 2, registers: ['DR0', 'DR1', 'DR2', 'DR3'], firstLane: 0, firstCpu: 0 }],
      colours: Array.from({ length: 10 }, (_, n) => 'owner ' + n),
      lost: 0,
      stays: columns((n) => stretch * n, (n) => stretch * n + stretch - 8, (n) => n % 10, 0),
      hits: columns((n) => stretch * n + 4, (n) => stretch * n + 4, () => 0, 1),
      runs: nothing,
      events: nothing,
      away: nothing,
      texts: ['somebody w 0x1000+8', 'hit of somebody'],
    });
  })()`;
}

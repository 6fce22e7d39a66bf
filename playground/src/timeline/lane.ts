/** What is recorded of one lane, in the order of its counts. */
export interface LaneRow {
  readonly from: number;
  readonly to: number;
  /** What its colour stands for: a number of whoever adds it. */
  readonly key: number;
  /** Index in the texts: everything that is to say of it. */
  readonly text: number;
  /** Likewise: what is written where it is drawn. */
  readonly label: number;
}

/** Rows that a lane has room for at first. */
const ROOM = 16;

/** One lane in columns that grow. */
export class Lane {
  #from = new Float64Array(ROOM);
  #to = new Float64Array(ROOM);
  #key = new Int32Array(ROOM);
  #text = new Int32Array(ROOM);
  #label = new Int32Array(ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a row: nearly always the last one, for what is recorded happens later than what was. */
  add({ from, to, key, text, label }: LaneRow): void {
    if (this.#length === this.#from.length) this.#resize(2 * this.#length);
    let at = this.#length;
    while (at > 0 && (this.#from[at - 1] ?? 0) > from) at--;
    if (at < this.#length) for (const column of this.#columns) column.copyWithin(at + 1, at, this.#length);
    this.#from[at] = from;
    this.#to[at] = to;
    this.#key[at] = key;
    this.#text[at] = text;
    this.#label[at] = label;
    this.#length++;
  }

  /** Where the row at a share of the lane ends; `undefined`: it has none. */
  endAt(share: number): number | undefined {
    return this.#length === 0 ? undefined : this.#to[Math.floor(share * (this.#length - 1))];
  }

  /** Drops what ended up to a count; returns how many rows that were. */
  dropTo(count: number): number {
    let first = 0;
    while (first < this.#length && (this.#to[first] ?? 0) <= count) first++;
    for (const column of this.#columns) column.copyWithin(0, first, this.#length);
    this.#length -= first;
    return first;
  }

  /** Writes its rows into columns from a place on; `lane`: its number there. */
  copy(into: CopiedColumns, place: number, lane: number, colours: Int32Array): void {
    const length = this.#length;
    into.from.set(this.#from.subarray(0, length), place);
    into.to.set(this.#to.subarray(0, length), place);
    into.text.set(this.#text.subarray(0, length), place);
    into.label.set(this.#label.subarray(0, length), place);
    into.lane.fill(lane, place, place + length);
    for (let row = 0; row < length; row++) into.colour[place + row] = colours[this.#key[row] ?? 0] ?? 0;
  }

  get #columns() {
    return [this.#from, this.#to, this.#key, this.#text, this.#label];
  }

  #resize(room: number): void {
    const grown = <T extends Float64Array | Int32Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#from = grown(this.#from, new Float64Array(room));
    this.#to = grown(this.#to, new Float64Array(room));
    this.#key = grown(this.#key, new Int32Array(room));
    this.#text = grown(this.#text, new Int32Array(room));
    this.#label = grown(this.#label, new Int32Array(room));
  }
}

/** Columns of all lanes together. */
export interface CopiedColumns {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly lane: Int32Array;
  readonly colour: Int32Array;
  readonly text: Int32Array;
  readonly label: Int32Array;
}

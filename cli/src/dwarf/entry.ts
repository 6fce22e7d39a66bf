/** A debugging information entry, as far as variables and their types need it. */
export interface Entry {
  readonly tag: number;
  /** Bytes of an address in its unit. */
  readonly addressSize: number;
  /** The entry that it lies in, of those that are kept. */
  readonly parent: Entry | undefined;
  /** Members, dimensions. */
  readonly children: Entry[];
  name: string | undefined;
  /** Where its type is in .debug_info. */
  type: number | undefined;
  /** Where what it completes or repeats is in .debug_info: DW_AT_specification, DW_AT_abstract_origin. */
  origin: number | undefined;
  /** DW_AT_byte_size. */
  size: number | undefined;
  /** Offset of a member in what it is in; `undefined` if it is computed. */
  offset: number | undefined;
  /** Elements of a dimension; `undefined` if that is not fixed. */
  count: number | undefined;
  /** Of a variable: an address that the linker gave; `thread` one of its own for each thread; `elsewhere` another. */
  place: bigint | 'thread' | 'elsewhere' | undefined;
  /** Incomplete, or defined elsewhere. */
  declaration: boolean;
}

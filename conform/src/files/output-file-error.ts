/** An output that cannot be written: says which, and why. */
export class OutputFileError extends Error {
  override readonly name = 'OutputFileError';
  /** What is wrong, without the file's name. */
  readonly complaint: string;
  /** Nothing was made: another name would help. Otherwise it went wrong while it was written. */
  readonly refused: boolean;

  constructor(file: string, complaint: string, refused = false) {
    super(`${file} cannot be written: ${complaint}`);
    this.complaint = complaint;
    this.refused = refused;
  }
}

import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { BUILD_ID_SIZE } from '../records/encode-record.js';
import { PERF_RECORD_MISC_CPUMODE_MASK, PERF_RECORD_MISC_USER } from '../records/record-types.js';
import { dataError } from './data-error.js';
import { TEXT_ALIGN } from './feature-texts.js';

/** A file that was mapped, and what tells its contents apart. */
export interface FileBuildId {
  /** 1 to 20 bytes: the ELF file's NT_GNU_BUILD_ID. */
  readonly build_id: Uint8Array;
  /** As MMAP and MMAP2 records have it. */
  readonly filename: string;
  /** PERF_RECORD_MISC_KERNEL, say. Default PERF_RECORD_MISC_USER. */
  readonly mode?: number;
}

/** The size of the id is said behind it. */
const PERF_RECORD_MISC_BUILD_ID_SIZE = 0x8000;
/** Of the machine itself, no guest's. */
const HOST = 0xffff_ffff;

/** Appends the feature's entries. Throws a TypeError for an id that is none. */
export function writeBuildIds(writer: ByteWriter, files: readonly FileBuildId[]): void {
  for (const { build_id, filename, mode = PERF_RECORD_MISC_USER } of files) {
    if (build_id.length < 1 || build_id.length > BUILD_ID_SIZE) {
      throw new TypeError(`a build id has 1 to ${BUILD_ID_SIZE} bytes, got ${build_id.length}`);
    }
    const start = writer.length;
    writer.u32('type', 0);
    writer.u16('mode', mode | PERF_RECORD_MISC_BUILD_ID_SIZE);
    writer.u16('size', 0);
    writer.u32('pid', HOST);
    writer.raw(build_id);
    writer.zeros(BUILD_ID_SIZE - build_id.length);
    writer.u32('build_id.length', build_id.length);
    writer.text('filename', filename, TEXT_ALIGN);
    writer.patchU16(start + 6, writer.length - start);
  }
}

/** Takes them all. */
export function readBuildIds(reader: ByteReader): FileBuildId[] {
  const files: FileBuildId[] = [];
  while (reader.left > 0) {
    const start = reader.at;
    reader.u32('the type of a build id');
    const misc = reader.u16('the mode of a build id');
    const end = start + reader.u16('the size of a build id');
    reader.u32('pid');
    const bytes = reader.raw('a build id', BUILD_ID_SIZE);
    const length = reader.u8('the length of a build id');
    reader.raw('padding', 3);
    const known = misc & PERF_RECORD_MISC_BUILD_ID_SIZE ? length : BUILD_ID_SIZE;
    if (end < reader.at || known < 1 || known > BUILD_ID_SIZE) throw dataError('a build id in it is malformed');
    const build_id = bytes.slice(0, known);
    const filename = reader.text('the file of a build id', end - reader.at);
    const mode = misc & PERF_RECORD_MISC_CPUMODE_MASK;
    files.push({ build_id, filename, ...(mode === PERF_RECORD_MISC_USER ? {} : { mode }) });
  }
  return files;
}

import path from 'node:path';

/** From test/dist/replay. */
const FIXTURES = path.join(import.meta.dirname, '../../fixtures');
/** Programs whose names are C++'s, and what Lackey wrote of one of them. */
const FOLDER = path.join(FIXTURES, 'names');

/** A program of string instructions, without debug information, and what Lackey wrote of it. */
export const REPEAT = path.join(FIXTURES, 'lackey/repeat');
export const REPEAT_TRACE = path.join(FIXTURES, 'lackey/repeat.trace');

/** Position-independent, dynamically linked, with debug information (DWARF 5). */
export const BANK = path.join(FOLDER, 'bank');
/** The same with compressed debug information of DWARF 4. */
export const BANK_DWARF4 = path.join(FOLDER, 'bank-dwarf4');
/** The same at fixed addresses, without symbols. */
export const BANK_STRIPPED = path.join(FOLDER, 'bank-stripped');
/** What threads are told by: a call through the global offset table, and a second stack. */
export const THREADS = path.join(FIXTURES, 'threads');

export const BANK_TRACE = path.join(FOLDER, 'bank.trace.gz');
/** A run of it with a thread. */
export const THREAD_TRACE = path.join(FOLDER, 'bank-with-a-thread.trace.gz');

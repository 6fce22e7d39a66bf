// In one file, and so in one thread: while steps are counted nothing is optimised, in the whole process, and who has
// counted lets the engine optimise again.
import './input.js';
import './kernel.js';
import './programs.js';

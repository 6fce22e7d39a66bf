// Loaded by ava before each test file. ava's TAP names only the topmost frame of a failed assertion, which lies in ava
// itself: without ava's own frames it is the line of the test.
const capture = Error.captureStackTrace;

Error.captureStackTrace = (target, ...rest) => {
  capture(target, ...rest);
  // ava captures into an empty literal; errors are left alone, and their stacks stay lazy.
  if (Object.getPrototypeOf(target) !== Object.prototype) return;
  target.stack = target.stack
    .split('\n')
    .filter((line) => !line.includes('/node_modules/ava/'))
    .join('\n');
};

export { AnswerError } from './answer-error.js';
export { TERMINAL, type Terminal } from './ask.js';
export { type Initializer, type Place, runInitializer, type Surroundings } from './initializer.js';
export { type MadePackage, packageFiles } from './made-package.js';
export { camelCase, constantCase, pascalCase } from './names.js';
export { type Answers, oneOf, plainName, type Question, someNumbers, someOf, textOf, wholeNumber } from './question.js';
export { ownManifest, runOnProcess } from './run-on-process.js';
export { constantOf, docOf, importOf, sourceText } from './source.js';
export type { Files } from './write-package.js';

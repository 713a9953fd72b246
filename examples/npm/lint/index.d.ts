export { init, initSync, lint, detect, explain, codes } from '../index.js';
export type * from '../index.js';

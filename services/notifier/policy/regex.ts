// The regular expressions of matchers, see shared/matchers.
export { compileRegex } from '../../../shared/matchers/regex.ts';

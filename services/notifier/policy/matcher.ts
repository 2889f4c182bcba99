// The matchers of policy; the console reads them too, so they live in shared/matchers.
export {
  ADDRESS_SEPARATOR,
  comparable,
  labelValue,
  type Labels,
  type Matcher,
  matchesAll,
  type ParsedMatcher,
  parseMatcher,
  parseMatchers,
  showMatchers,
} from '../../../shared/matchers/matcher.ts';

// The version of a cluster, and whether it is one that Foghorn can work with.
import { ConfigError } from '../runtime/errors.ts';
import type { Elasticsearch } from './client.ts';

/**
 * The first that takes `require_data_stream`, without which documents could quietly go to a plain
 * index: https://github.com/elastic/elasticsearch/pull/101872.
 */
const OLDEST = '8.13';

/**
 * The version, e.g. `8.19.2` or `serverless`. Throws ConfigError for one that is too old,
 * Unavailable while the cluster is.
 */
export async function supportedVersion(elasticsearch: Elasticsearch): Promise<string> {
  const { body } = await elasticsearch.request({ method: 'GET', path: '/' });
  const { version = {} } = Object(body) as { readonly version?: Readonly<Record<string, string>> };
  const { number = 'unknown', build_flavor: flavor } = version;
  // Serverless has every API of its time and keeps its number.
  if (flavor === 'serverless') return flavor;
  if (rank(number) >= rank(OLDEST)) return number;
  throw new ConfigError(`Elasticsearch is of version ${number}; Foghorn needs ${OLDEST} or later.`);
}

/** Major and minor as one number; NaN, which is above nothing, for what is no version. */
function rank(version: string): number {
  const [major, minor] = version.split('.').map(Number);
  return Number(major) * 1000 + Number(minor);
}

// What agents ask before they send events, in order, what they have to be answered to go on, and
// what they read of it. Taken from the source text that `source` names, not recorded.

/** One request and what its agent needs. */
export interface Step {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly path: string;
  readonly status: number;
  /** What the agent reads of the answer, with the values with which it goes on. */
  readonly reads?: Readonly<Record<string, unknown>>;
}

/** The start of one agent. */
export interface StartUp {
  readonly agent: string;
  readonly source: string;
  readonly steps: readonly Step[];
}

const VERSION = { 'version.number': '8.19.0' };
const LICENSE = { 'license.status': 'active', 'license.type': 'basic' };

/** All of them. */
export const START_UPS: readonly StartUp[] = [
  {
    agent: 'Winlogbeat 8 and 9 with its defaults',
    source:
      'elastic/beats: libbeat/licenser/elastic_fetcher.go (0f69f8d), libbeat/idxmgmt/lifecycle/es_client_handler.go (247ef03), libbeat/template/load.go (checkExistsTemplate, putDataStream), winlogbeat/module/pipeline.go (0409ebd)',
    steps: [
      { method: 'GET', path: '/', status: 200, reads: VERSION },
      { method: 'GET', path: '/_license?human=false', status: 200, reads: LICENSE },
      { method: 'GET', path: '/_ilm/policy/winlogbeat', status: 404 },
      { method: 'PUT', path: '/_ilm/policy/winlogbeat', status: 200 },
      { method: 'HEAD', path: '/_index_template/winlogbeat-8.19.0', status: 404 },
      { method: 'PUT', path: '/_index_template/winlogbeat-8.19.0', status: 200 },
      { method: 'GET', path: '/_data_stream/winlogbeat-8.19.0', status: 404 },
      { method: 'PUT', path: '/_data_stream/winlogbeat-8.19.0', status: 200 },
      { method: 'GET', path: '/_ingest/pipeline/winlogbeat-8.19.0-security', status: 404 },
      { method: 'PUT', path: '/_ingest/pipeline/winlogbeat-8.19.0-security', status: 200 },
    ],
  },
  {
    agent: 'Winlogbeat and Filebeat 7',
    source:
      'elastic/beats: libbeat/esleg/eslegclient/connection.go (03db189), libbeat/template/load.go (3a27a98; legacyTemplateExists)',
    steps: [
      { method: 'GET', path: '/', status: 200, reads: VERSION },
      { method: 'GET', path: '/_xpack', status: 200, reads: { 'features.ilm.available': false } },
      { method: 'HEAD', path: '/_template/filebeat-7.17.0', status: 404 },
      { method: 'PUT', path: '/_template/filebeat-7.17.0', status: 200 },
      { method: 'GET', path: '/_cat/templates/filebeat-7.17.0', status: 404 },
    ],
  },
  {
    agent: 'Logstash',
    source:
      'logstash-plugins/logstash-output-elasticsearch: lib/logstash/outputs/elasticsearch/http_client/pool.rb (3a58c05; get_license), http_client.rb (get_xpack_info, rollover_alias_put), template_manager.rb (0143719)',
    steps: [
      { method: 'HEAD', path: '/', status: 200 },
      { method: 'GET', path: '/', status: 200, reads: { ...VERSION, 'version.build_flavor': 'default' } },
      { method: 'GET', path: '/_license', status: 200, reads: LICENSE },
      { method: 'GET', path: '/_xpack', status: 200, reads: { 'features.ilm.enabled': false } },
      { method: 'HEAD', path: '/_index_template/logstash', status: 404 },
      { method: 'PUT', path: '/_index_template/logstash', status: 200 },
      { method: 'HEAD', path: '/logstash', status: 404 },
      { method: 'PUT', path: '/%3Clogstash-%7Bnow%2Fd%7D-000001%3E', status: 200 },
    ],
  },
  {
    agent: 'Vector',
    source: 'vectordotdev/vector: src/sinks/elasticsearch/common.rs (63cc679)',
    steps: [
      { method: 'GET', path: '/', status: 200, reads: VERSION },
      { method: 'GET', path: '/_cluster/health', status: 200 },
    ],
  },
];

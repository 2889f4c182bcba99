// What is right for each input of test/data/cases: for each of its events, in order, values of its document by their paths.

type Expected = Readonly<Record<string, unknown>>;

const PORT = { 'winlog.event_id': '309', 'winlog.provider_name': 'WMServer', 'winlog.event_data': { param1: '8080' } };
const RECORD = { ...PORT, 'winlog.record_id': 77, '@timestamp': '2026-11-20T09:00:00Z' };
const XML_PORT = { ...RECORD, '@timestamp': '2026-11-20T09:00:00.250Z' };
const EMPTY = { 'winlog.event_id': '310', 'winlog.event_data': undefined };
const REPAIRED = { ...PORT, tags: ['foghorn_text_repaired'] };
const GUID = '{5965e1c0-dda7-0003-d8e1-6559a7ddd801}';
const JOB = '{5f2863d6-e0ab-4470-8530-8f129b46177a}';

/** By the name of the file. */
export const CASES: Readonly<Record<string, readonly Expected[]>> = {
  '03-fluentbit-eventdata-and-inserts.json': [
    { 'winlog.event_data': { SubjectUserName: 'alice', NewProcessName: 'C:\\x.exe' }, tags: undefined },
  ],
  '04-fluentbit-map-empty-inserts.json': [{ 'winlog.event_data': { Port: '8080' } }],
  '05-datadog-agent.json': [
    {
      'winlog.event_data': { Binary: 'EventLog/1', param1: 'Windows Media Services', param2: 'stopped' },
      message: 'The service entered the stopped state.',
      'winlog.opcode': 'Start',
      'winlog.task': 'Some task',
      '@timestamp': '2026-11-20T09:00:00.2500000Z',
      'winlog.provider_name': 'Service Control Manager',
    },
  ],
  '06-axosyslog-data-map.json': [
    {
      'winlog.event_data': { SubjectUserName: 'alice', NewProcessName: 'C:\\x.exe' },
      'winlog.keywords': ['Audit Success', 'Mine'],
      'winlog.task': 'Process Creation',
      'winlog.process': { pid: 4, thread: { id: 5 } },
    },
  ],
  '07-logstash-xml-filter.json': [
    { 'winlog.event_data': { Port: '8080', Who: 'alice' }, 'winlog.provider_name': 'WMServer' },
    { ...PORT, 'winlog.record_id': 78 },
  ],
  '08-velociraptor-parse-evtx.json': [{ ...XML_PORT, message: 'm', 'winlog.process': { pid: 4, thread: { id: 8 } } }],
  '09-golang-evtx.json': [XML_PORT],
  '10-wazuh-agent-message-event.json': [
    { 'winlog.event_id': '7036', message: 'The service entered the running state.', 'winlog.record_id': 77 },
  ],
  '11-splunk-hec.json': [XML_PORT, { ...XML_PORT, 'winlog.record_id': 78 }],
  '12-json-stream.json': [
    { ...PORT, 'winlog.record_id': 1 },
    { ...EMPTY, 'winlog.record_id': 2 },
    { 'winlog.event_data': { param1: '8081' }, 'winlog.record_id': 3 },
  ],
  '13-pretty-objects.json': [PORT, EMPTY],
  '14-invalid-utf8-byte.json': [{ ...REPAIRED, message: 'belegt f\uFFFDr andere' }],
  '15-invalid-utf8-byte.xml': [{ ...REPAIRED, message: 'belegt f\uFFFDr andere' }],
  '16-otel-rendering-info.json': [
    { message: 'An account failed to log on.\n\nSubject:\n\tSecurity ID:\tS-1-5-18', 'winlog.event_id': '4625' },
  ],
  '17-otel-localised-level.json': [{ ...PORT, 'log.level': 'error' }],
  '18-evtx-dump-complexdata.json': [{ 'winlog.event_data': { Group: '0', IdleState: '01', PerfState: '02' } }],
  '20-userdata-root-attributes.xml': [
    {
      'winlog.user_data': {
        ProcessName: 'taskhostw.exe',
        AccountName: 'LAB\\admin',
        Context: 'Machine',
        'CertificateDetails.Thumbprint': 'aa',
        xml_name: 'CertNotificationData',
      },
    },
  ],
  '21-evtx-dump-record-lines.xml': [
    { ...PORT, 'winlog.record_id': 1 },
    { ...PORT, 'winlog.record_id': 2 },
  ],
  '22-nxlog-mseventlog.json': [
    { 'winlog.channel': 'Application', 'winlog.event_id': '309', 'winlog.record_id': 77, 'log.level': 'error' },
  ],
  '23-fluentbit-in-winlog.json': [
    { ...RECORD, 'winlog.record_id': 1464, 'winlog.computer_name': 'MEDIA01', 'log.level': 'error' },
  ],
  '24-fluentbit-text.json': [{ ...RECORD, message: 'x' }],
  '25-event-viewer-copy.xml': [{ ...PORT, 'winlog.record_id': 77 }],
  '27-bom-and-nul-between.json': [PORT, EMPTY, { 'winlog.event_data': { param1: '8081' } }],
  '29-otel-elasticsearch-text.json': [XML_PORT],
  '30-fast-xml-parser.json': [{ ...XML_PORT, 'winlog.event_data': { Port: '8080' } }],
  '31-pretty-printed-empty.xml': [{ 'winlog.event_data': { param2: '8080' }, 'winlog.activity_id': GUID }],
  '32-json-large-integers.json': [
    { 'winlog.event_data': { bandwidthLimit: '18446744073709551615', Weight: '10376293542535364576' } },
  ],
  '33-userdata-repeated-elements.xml': [
    {
      'winlog.user_data': {
        nApplications: '3',
        'Applications.Application': 'Windows Explorer',
        'Applications.Application_1': 'Runtime Broker',
        'Applications.Application_2': 'A',
        xml_name: 'RmRestartEvent',
      },
      tags: undefined,
    },
  ],
  '35-cut-in-eventdata.xml': [{ ...XML_PORT, tags: ['foghorn_event_cut_off'] }],
  '36-powershell-get-winevent.json': [
    { ...XML_PORT, 'winlog.user.identifier': 'S-1-5-18', 'winlog.computer_name': 'MEDIA01', 'log.level': 'error' },
  ],
  '37-telegraf.json': [{ ...XML_PORT, 'winlog.channel': 'Application', 'log.level': 'error' }],
  '38-partly-dotted.json': [PORT],
  '40-evtx-dump-guid-text.json': [
    { 'winlog.event_data': { ReportId: '36885ca6-218d-4b27-a083-b213629ddb2f', jobId: JOB } },
    { 'winlog.user_data': { SetupClass: '{4d36e972-e325-11ce-bfc1-08002be10318}', xml_name: 'InstallDeviceID' } },
  ],
  '41-evtx-dump-xml-guids.xml': [
    {
      'winlog.activity_id': GUID,
      'winlog.provider_guid': '{54849625-5478-4994-a5ba-3e3b0328c30d}',
      'winlog.event_data': { LogonGuid: '{00000000-0000-0000-0000-000000000000}', jobId: JOB },
    },
  ],
};

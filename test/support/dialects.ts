// One event in every form that Foghorn reads, written by hand after each sender's own
// documentation. Synthetic.

/** The parts of an event, as a machine has them. */
export interface EventParts {
  readonly provider: string;
  readonly guid?: string;
  readonly id: number;
  readonly qualifiers?: number;
  readonly level: number;
  readonly levelName: string;
  readonly task: number;
  readonly taskName?: string;
  readonly mask: string;
  readonly keywordNames: readonly string[];
  /** UTC with seven digits. */
  readonly time: string;
  readonly record: number;
  readonly process?: { readonly pid: number; readonly thread: number };
  readonly channel: string;
  readonly computer: string;
  /** Unnamed as a list, named as an object. */
  readonly data: readonly string[] | Readonly<Record<string, string>>;
  readonly message: string;
}

/** A form: what a sender makes of an event, and the name under which Foghorn knows it. */
export interface Dialect {
  readonly name: string;
  readonly form: string;
  /** Whether the form states everything that makes an event's identity. */
  readonly isWhole: boolean;
  readonly write: (event: EventParts) => string;
}

/** A 309 of WMServer: classic, with one unnamed insertion string. */
export const PORT_IN_USE: EventParts = {
  provider: 'WMServer',
  id: 309,
  qualifiers: 49_152,
  level: 2,
  levelName: 'Error',
  task: 0,
  mask: '0x80000000000000',
  keywordNames: ['Classic'],
  time: '2026-03-01T10:15:30.1234567Z',
  record: 4711,
  channel: 'System',
  computer: 'MEDIA01.example.org',
  data: ['554'],
  message: 'Windows Media Services cannot bind to TCP port 554. The port is being used by another service.',
};

/** An audit event of a manifest's provider with named data. */
export const LOGON_FAILED: EventParts = {
  provider: 'Microsoft-Windows-Security-Auditing',
  guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
  id: 4625,
  level: 0,
  levelName: 'Information',
  task: 12_544,
  taskName: 'Logon',
  mask: '0x8010000000000000',
  keywordNames: ['Audit Failure'],
  time: '2026-03-01T10:15:31.7654321Z',
  record: 90_001,
  process: { pid: 776, thread: 2044 },
  channel: 'Security',
  computer: 'DC01.example.org',
  data: { TargetUserName: 'alice & bob', IpAddress: '192.0.2.17', LogonType: '3' },
  message: 'An account failed to log on.',
};

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const pairsOf = ({ data }: EventParts): readonly (readonly [string | undefined, string])[] =>
  Array.isArray(data) ? data.map((value: string) => [undefined, value] as const) : Object.entries(data as object);
const listOf = ({ data }: EventParts): readonly string[] =>
  Array.isArray(data) ? (data as string[]) : Object.values(data);
const namedOf = ({ data }: EventParts): Readonly<Record<string, string>> =>
  Array.isArray(data) ? {} : (data as Readonly<Record<string, string>>);
/** Named as they are, unnamed by position, as Winlogbeat has them. */
const paramsOf = (event: EventParts): Readonly<Record<string, string>> =>
  Object.fromEntries(pairsOf(event).map(([name, value], place) => [name ?? `param${place + 1}`, value]));

/** Event XML, with its rendering or without. */
export function xmlOf(event: EventParts, isRendered: boolean): string {
  const { provider, guid, id, qualifiers, level, levelName, task, taskName, mask, keywordNames, time, record } = event;
  const data = pairsOf(event).map(
    ([name, value]) => `<Data${name === undefined ? '' : ` Name='${name}'`}>${escape(value)}</Data>`,
  );
  const rendering =
    `<RenderingInfo Culture='en-US'><Message>${escape(event.message)}</Message><Level>${levelName}</Level>` +
    `<Task>${taskName ?? ''}</Task><Opcode>Info</Opcode><Keywords>${keywordNames.map((name) => `<Keyword>${name}</Keyword>`).join('')}</Keywords></RenderingInfo>`;
  return (
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'${guid === undefined ? '' : ` Guid='${guid}'`}/>` +
    `<EventID${qualifiers === undefined ? '' : ` Qualifiers='${qualifiers}'`}>${id}</EventID><Version>0</Version><Level>${level}</Level><Task>${task}</Task><Opcode>0</Opcode>` +
    `<Keywords>${mask}</Keywords><TimeCreated SystemTime='${time}'/><EventRecordID>${record}</EventRecordID><Correlation/>` +
    `<Execution ProcessID='${event.process?.pid ?? 0}' ThreadID='${event.process?.thread ?? 0}'/><Channel>${event.channel}</Channel>` +
    `<Computer>${event.computer}</Computer><Security/></System><EventData>${data.join('')}</EventData>${isRendered ? rendering : ''}</Event>`
  );
}

function winlogbeatOf(event: EventParts, agent: Readonly<Record<string, string>>): string {
  const audit = event.keywordNames.includes('Audit Failure') ? { outcome: 'failure' } : {};
  const task = event.taskName ?? 'None';
  return JSON.stringify({
    '@timestamp': event.time.replace(/\d{4}Z$/u, 'Z'),
    event: {
      code: String(event.id),
      kind: 'event',
      provider: event.provider,
      action: task,
      ...audit,
    },
    host: { name: event.computer },
    log: { level: event.levelName.toLowerCase() },
    message: event.message,
    winlog: {
      api: 'wineventlog',
      channel: event.channel,
      computer_name: event.computer,
      event_data: paramsOf(event),
      event_id: String(event.id),
      keywords: event.keywordNames,
      opcode: 'Info',
      provider_name: event.provider,
      ...(event.guid === undefined ? {} : { provider_guid: event.guid }),
      task,
      record_id: event.record,
      ...(event.process === undefined
        ? {}
        : { process: { pid: event.process.pid, thread: { id: event.process.thread } } }),
    },
    agent: { type: 'winlogbeat', name: 'shipper', ...agent },
    ecs: { version: '8.11.0' },
  });
}

const decimal = (mask: string): string => BigInt(mask).toString();
const signed = (mask: string): string => BigInt.asIntN(64, BigInt(mask)).toString();

/** All forms; the first is what the others are held against. */
export const DIALECTS: readonly Dialect[] = [
  { name: 'event XML, rendered', form: 'event-xml', isWhole: true, write: (event) => xmlOf(event, true) },
  { name: 'event XML', form: 'event-xml', isWhole: true, write: (event) => xmlOf(event, false) },
  {
    name: 'Winlogbeat 8',
    form: 'winlogbeat',
    isWhole: true,
    write: (event) => winlogbeatOf(event, { version: '8.19.0' }),
  },
  {
    name: 'Elastic Agent, dotted names',
    form: 'winlogbeat',
    isWhole: true,
    write: (event) => {
      const { winlog, ...rest } = JSON.parse(winlogbeatOf(event, { version: '9.1.0' })) as Record<string, object>;
      return JSON.stringify({
        ...rest,
        // As the agent's inputs add it; Elasticsearch holds it against the stream that a document
        // goes to.
        data_stream: { type: 'logs', dataset: 'system.system', namespace: 'default' },
        ...Object.fromEntries(Object.entries(winlog ?? {}).map(([name, value]) => [`winlog.${name}`, value])),
      });
    },
  },
  {
    name: 'Winlogbeat 6',
    form: 'winlogbeat',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        '@timestamp': event.time.replace(/\d{4}Z$/u, 'Z'),
        computer_name: event.computer,
        event_data: paramsOf(event),
        event_id: event.id,
        keywords: event.keywordNames,
        level: event.levelName,
        log_name: event.channel,
        message: event.message,
        opcode: 'Info',
        record_number: String(event.record),
        source_name: event.provider,
        ...(event.guid === undefined ? {} : { provider_guid: event.guid }),
        task: event.taskName ?? 'None',
        ...(event.process === undefined ? {} : { process_id: event.process.pid, thread_id: event.process.thread }),
        type: 'wineventlog',
        beat: { name: 'shipper', version: '6.8.23' },
      }),
  },
  {
    name: 'NXLog',
    form: 'nxlog',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        EventTime: event.time.replace(/Z$/u, '+00:00'),
        Hostname: event.computer,
        Keywords: signed(event.mask),
        EventType: event.level === 2 ? 'ERROR' : 'AUDIT_FAILURE',
        SeverityValue: 4,
        Severity: 'ERROR',
        EventID: event.id,
        SourceName: event.provider,
        ...(event.guid === undefined ? {} : { ProviderGuid: event.guid }),
        TaskValue: event.task,
        OpcodeValue: 0,
        RecordNumber: event.record,
        ...(event.process === undefined
          ? {}
          : { ExecutionProcessID: event.process.pid, ExecutionThreadID: event.process.thread }),
        Channel: event.channel,
        Message: event.message,
        ...(event.taskName === undefined ? {} : { Category: event.taskName }),
        Opcode: 'Info',
        ...namedOf(event),
        ...(Array.isArray(event.data)
          ? Object.fromEntries(listOf(event).map((value, place) => [place === 0 ? 'Data' : `Data_${place}`, value]))
          : {}),
        EventReceivedTime: '2026-03-01 10:15:32',
        SourceModuleName: 'in',
        SourceModuleType: 'im_msvistalog',
      }),
  },
  {
    name: 'Fluent Bit',
    form: 'fluent-bit',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        ProviderName: event.provider,
        ...(event.guid === undefined ? {} : { ProviderGuid: event.guid }),
        Qualifiers: event.qualifiers ?? '',
        EventID: event.id,
        Version: 0,
        Level: event.level,
        Task: event.task,
        Opcode: 0,
        Keywords: event.mask,
        TimeCreated: `${event.time.slice(0, 19).replace('T', ' ')} +0000`,
        EventRecordID: event.record,
        ProcessID: event.process?.pid ?? 0,
        ThreadID: event.process?.thread ?? 0,
        Channel: event.channel,
        Computer: event.computer,
        UserID: '',
        Message: event.message,
        StringInserts: Array.isArray(event.data) ? event.data : namedOf(event),
      }),
  },
  {
    name: 'Fluent Bit, as XML',
    form: 'fluent-bit',
    isWhole: true,
    write: (event) => JSON.stringify({ System: xmlOf(event, false), Message: event.message }),
  },
  {
    name: 'Vector',
    form: 'vector',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        provider_name: event.provider,
        ...(event.guid === undefined ? {} : { provider_guid: event.guid }),
        ...(event.qualifiers === undefined ? {} : { qualifiers: event.qualifiers }),
        event_id: event.id,
        level: event.levelName,
        level_value: event.level,
        task: event.task,
        ...(event.taskName === undefined ? {} : { task_name: event.taskName }),
        opcode: 0,
        opcode_name: 'Info',
        keywords: event.mask,
        keyword_names: event.keywordNames,
        timestamp: event.time,
        record_id: event.record,
        process_id: event.process?.pid ?? 0,
        thread_id: event.process?.thread ?? 0,
        channel: event.channel,
        computer: event.computer,
        message: event.message,
        ...(Array.isArray(event.data) ? { string_inserts: event.data } : { event_data: event.data }),
      }),
  },
  {
    name: 'OpenTelemetry',
    form: 'opentelemetry',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        body: {
          channel: event.channel,
          computer: event.computer,
          event_id: { id: event.id, qualifiers: event.qualifiers ?? 0 },
          keywords: event.keywordNames,
          level: event.levelName,
          message: event.message,
          opcode: 'Info',
          provider: { name: event.provider, guid: event.guid ?? '', event_source: '' },
          record_id: event.record,
          system_time: event.time,
          task: event.taskName ?? String(event.task),
          ...(event.process === undefined
            ? {}
            : { execution: { process_id: event.process.pid, thread_id: event.process.thread } }),
          event_data: paramsOf(event),
        },
      }),
  },
  {
    name: 'evtx_dump',
    form: 'evtx-json',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        Event: {
          '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
          System: {
            Provider: {
              '#attributes': { Name: event.provider, Guid: event.guid?.replaceAll(/[{}]/gu, '').toUpperCase() },
            },
            EventID:
              event.qualifiers === undefined
                ? event.id
                : { '#attributes': { Qualifiers: event.qualifiers }, '#text': event.id },
            Version: 0,
            Level: event.level,
            Task: event.task,
            Opcode: 0,
            Keywords: event.mask,
            TimeCreated: { '#attributes': { SystemTime: event.time } },
            EventRecordID: event.record,
            Correlation: null,
            Execution: {
              '#attributes': { ProcessID: event.process?.pid ?? 0, ThreadID: event.process?.thread ?? 0 },
            },
            Channel: event.channel,
            Computer: event.computer,
            Security: null,
          },
          EventData: Array.isArray(event.data) ? { Data: { '#text': event.data } } : event.data,
        },
      }),
  },
  {
    name: 'OpenWEC',
    form: 'openwec',
    isWhole: true,
    write: (event) =>
      JSON.stringify({
        System: {
          Provider: { Name: event.provider, ...(event.guid === undefined ? {} : { Guid: event.guid }) },
          EventID: event.id,
          ...(event.qualifiers === undefined ? {} : { EventIDQualifiers: event.qualifiers }),
          Version: 0,
          Level: event.level,
          Task: event.task,
          Opcode: 0,
          Keywords: event.mask,
          TimeCreated: event.time,
          EventRecordID: event.record,
          Execution: { ProcessID: event.process?.pid ?? 0, ThreadID: event.process?.thread ?? 0 },
          Channel: event.channel,
          Computer: event.computer,
        },
        EventData: Array.isArray(event.data) ? { Data: event.data } : event.data,
        RenderingInfo: {
          Message: event.message,
          Level: event.levelName,
          Opcode: 'Info',
          ...(event.taskName === undefined ? {} : { Task: event.taskName }),
          Keywords: event.keywordNames,
          Culture: 'en-US',
        },
        OpenWEC: { IpAddress: '192.0.2.1', TimeReceived: event.time },
      }),
  },
  {
    name: 'OpenWEC, RawJson',
    form: 'openwec',
    isWhole: true,
    write: (event) =>
      JSON.stringify({ meta: { IpAddr: '192.0.2.1', Node: 'wec1', Redirector: null }, data: xmlOf(event, true) }),
  },
  {
    name: 'XML in event.original',
    form: 'event-xml',
    isWhole: true,
    write: (event) =>
      JSON.stringify({ event: { original: xmlOf(event, false) }, message: event.message, input: { type: 'log' } }),
  },
  {
    name: 'XML in message',
    form: 'event-xml',
    isWhole: true,
    write: (event) => JSON.stringify({ '@version': '1', message: `<?xml version="1.0"?>\n${xmlOf(event, true)}` }),
  },
  {
    name: 'OTRF (Mordor)',
    form: 'mordor',
    isWhole: false,
    write: (event) =>
      JSON.stringify({
        '@timestamp': event.time,
        TimeCreated: event.time,
        Hostname: event.computer,
        Channel: event.channel,
        SourceName: event.provider,
        ...(event.guid === undefined ? {} : { ProviderGuid: event.guid }),
        EventID: event.id,
        Version: 0,
        Level: String(event.level),
        Task: String(event.task),
        Opcode: '0',
        Keywords: decimal(event.mask),
        Message: event.message,
        ...paramsOf(event),
      }),
  },
];

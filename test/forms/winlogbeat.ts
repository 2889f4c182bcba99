// Winlogbeat's documents of several versions, and those of Filebeat and Elastic Agent that decode
// event XML.
import { keywordNames, levelName, opcodeName, outcomeOf } from '../../shared/windows/names.ts';
import type { Difference, Form } from './form.ts';
import { digits, json, present } from './json.ts';
import { AUDITS_BY_NAME, FIRST_OF_NAME, MILLISECONDS } from './losses.ts';
import type { MadeEvent, Node } from './made-event.ts';
import { firstPairsOf, isEmpty } from './tree.ts';
import { windowsXml } from './xml.ts';

const OWN_TIMES: Difference = {
  fields: /^(?:event\.created|winlog\.time_created)$/u,
  why: 'Winlogbeat leaves its copy of the time out, and event.created is its own time of reading',
};
const ACCOUNT: Difference = {
  fields: /^winlog\.user\.(?:name|domain|type)$/u,
  why: 'the agent looks the account up, or does not',
};

/**
 * Its rules for text: line ends as XML reads them, those at the end and what is empty left out,
 * control characters visible.
 */
function textOf(text: string): string {
  const lines = text.replaceAll(/\r\n?/gu, '\n').replace(/\n+$/u, '');
  return lines.replaceAll(CONTROL, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// oxlint-disable-next-line no-control-regex -- these are the characters to find
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/gu;

/** Dotted names become objects inside one another; the first of a name counts. */
function eventDataOf(event: MadeEvent): Readonly<Record<string, string>> | undefined {
  const pairs = firstPairsOf(event).map(([name, { value }]) => [name, textOf(value.text)] as const);
  const filled = pairs.filter(([, text]) => text !== '');
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}

/** The children of the first element, by their names, their own text only. */
function userDataOf({ userData }: MadeEvent): Readonly<Record<string, string>> | undefined {
  if (userData === undefined) return undefined;
  const pairs = userData.children.map((child) => [child.attributes['Name'] || child.name, textOf(child.text)] as const);
  const values = Object.fromEntries(pairs.toReversed().filter(([, text]) => text !== ''));
  return { ...values, xml_name: userData.name };
}

/** What Winlogbeat 7 and later write in `winlog`. */
function winlogOf(event: MadeEvent): Readonly<Record<string, unknown>> {
  const { version, sid } = event;
  return present({
    api: 'wineventlog',
    activity_id: event.activity,
    channel: event.channel,
    computer_name: event.computer,
    event_data: eventDataOf(event),
    event_id: String(event.id),
    keywords: keywordsOf(event),
    opcode: opcodeOf(event),
    process: processOf(event),
    provider_guid: event.guid,
    provider_name: event.provider,
    record_id: digits(event.record),
    related_activity_id: event.related,
    task: taskOf(event),
    user: sid === undefined ? undefined : { identifier: sid },
    user_data: userDataOf(event),
    version: version === 0 ? undefined : version,
  });
}

function keywordsOf({ rendering, keywords }: MadeEvent): readonly string[] | undefined {
  const names =
    rendering === undefined || rendering.keywords.length === 0 ? keywordNames(keywords) : rendering.keywords;
  return names.length === 0 ? undefined : names;
}

function processOf({ pid, tid }: MadeEvent): object | undefined {
  if (pid === 0 && tid === 0) return undefined;
  return present({ pid: pid || undefined, thread: tid === 0 ? undefined : { id: tid } });
}

const opcodeOf = ({ rendering, opcode }: MadeEvent): string | undefined => rendering?.opcode || opcodeName(opcode);
const taskOf = ({ rendering, task }: MadeEvent): string | undefined =>
  rendering?.task || (task === 0 ? 'None' : undefined);
const levelOf = ({ rendering, level }: MadeEvent): string | undefined =>
  levelName(level) ?? rendering?.level.toLowerCase();

function documentOf(event: MadeEvent, winlog: unknown): Readonly<Record<string, unknown>> {
  const message = textOf(event.rendering?.message ?? '');
  return present({
    '@timestamp': MILLISECONDS.take(event).time,
    event: present({
      code: String(event.id),
      kind: 'event',
      provider: event.provider,
      action: taskOf(event),
      outcome: outcomeOf(event.keywords),
      created: '2026-12-31T23:59:59.999Z',
    }),
    host: { name: event.computer },
    log: present({ level: levelOf(event) }),
    message: message.trim() === '' ? undefined : message,
    winlog,
  });
}

const FLAT_USER_DATA = {
  why: 'of user data the agent reads the children of the first element, their own texts only',
  take: (event: MadeEvent): MadeEvent => {
    if (event.userData === undefined) return event;
    const seen = new Set<string>();
    const children = event.userData.children
      .map(({ name, attributes, text }): Node => ({ name, attributes: nameIn(attributes), text, children: [] }))
      .filter((child) => {
        const name = child.attributes['Name'] || child.name;
        return !isEmpty(child.text) && !seen.has(name) && seen.add(name);
      });
    return { ...event, userData: { ...event.userData, attributes: {}, text: '', children } };
  },
};

const nameIn = ({ Name: name }: Node['attributes']): Node['attributes'] => (name === undefined ? {} : { Name: name });

const common = { form: 'winlogbeat', losses: [MILLISECONDS, FIRST_OF_NAME, FLAT_USER_DATA] } as const;

/** The forms of the family. */
export const WINLOGBEAT_FORMS: readonly Form[] = [
  {
    ...common,
    name: 'Winlogbeat 7.17',
    write: (event) =>
      json({
        ...documentOf(event, winlogOf(event)),
        agent: { type: 'winlogbeat', version: '7.17.0', hostname: 'shipper', name: 'shipper' },
        ecs: { version: '1.12.0' },
      }),
    differences: [OWN_TIMES, ACCOUNT],
  },
  {
    ...common,
    name: 'Winlogbeat 9.1',
    write: (event) =>
      json({
        '@metadata': { beat: 'winlogbeat', type: '_doc', version: '9.1.0' },
        ...documentOf(event, winlogOf(event)),
        agent: { type: 'winlogbeat', version: '9.1.0', id: 'a', ephemeral_id: 'b', name: 'shipper' },
        ecs: { version: '8.0.0' },
      }),
    differences: [OWN_TIMES, ACCOUNT],
  },
  {
    ...common,
    name: 'Winlogbeat 9.1 behind Logstash, names dotted',
    write: (event) =>
      json({
        ...documentOf(event, undefined),
        ...Object.fromEntries(Object.entries(winlogOf(event)).map(([name, value]) => [`winlog.${name}`, value])),
        '@version': '1',
      }),
    differences: [OWN_TIMES, ACCOUNT, { fields: /^(?:foghorn\.unmapped\.)?@version$/u, why: 'Logstash’s own' }],
  },
  {
    ...common,
    name: 'Winlogbeat 6.8',
    write: (event) => {
      const { winlog: _winlog, event: _event, host: _host, log: _log, ...document } = documentOf(event, undefined);
      const winlog = winlogOf(event);
      return json({
        ...document,
        ...Object.fromEntries(
          [
            'computer_name',
            'event_data',
            'user_data',
            'keywords',
            'opcode',
            'provider_guid',
            'task',
            'version',
            'activity_id',
            'related_activity_id',
            'user',
          ].map((name) => [name, winlog[name]]),
        ),
        event_id: event.id,
        level: levelOf(event),
        log_name: event.channel,
        source_name: event.provider,
        record_number: String(event.record),
        process_id: event.pid || undefined,
        thread_id: event.tid || undefined,
        type: 'wineventlog',
        beat: { name: 'shipper', version: '6.8.23' },
      });
    },
    losses: [...common.losses, AUDITS_BY_NAME],
    differences: [OWN_TIMES, ACCOUNT],
  },
  {
    ...common,
    name: 'Elastic Agent 9.1 with decode_xml_wineventlog',
    write: (event) => {
      const document = documentOf(event, {
        ...winlogOf(event),
        record_id: String(event.record),
        time_created: event.time,
        level: levelOf(event),
        outcome: outcomeOf(event.keywords),
      });
      return json({
        ...document,
        '@timestamp': '2026-12-31T23:59:58.000Z',
        event: { ...(document['event'] as object), original: windowsXml(event) },
        agent: { type: 'filebeat', version: '9.1.0' },
        data_stream: { type: 'logs', dataset: 'windows.forwarded', namespace: 'default' },
      });
    },
    losses: [FIRST_OF_NAME, FLAT_USER_DATA],
    differences: [
      ACCOUNT,
      { fields: /^event\.created$/u, why: 'the time of reading' },
      { fields: /^event\.original$/u, why: 'kept by the agent beside what it decoded' },
      {
        fields: /^(?:foghorn\.unmapped\.)?winlog\.(?:level|outcome)$/u,
        why: 'there a second time, beside its place in ECS',
      },
    ],
  },
];

// Made-up notifications: about the 309 of test/support/incidents.ts, about a group of them, and
// with what an attacker may write into an event.
import type { FilledIncident } from '../../shared/contracts/incident.ts';
import type { Digest, Notification } from '../../shared/contracts/notification.ts';
import { anIncident } from './incidents.ts';

const PAGE = 'https://foghorn.example.org/incidents/abc';

/** A notification of an open incident. */
export function aNotification(parts: Partial<Notification> = {}): Notification {
  return {
    id: 'n-abc-1-1-x',
    receiver: 'x',
    reason: 'opened',
    incident: anIncident('abc', 1),
    page: PAGE,
    links: [],
    ...parts,
  };
}

/** The incident, changed. */
export function inState(parts: Partial<FilledIncident>): FilledIncident {
  return { ...anIncident('abc', 3), ...parts };
}

/** A storm: 2,000 incidents on 1,000 hosts. */
export function aDigest(parts: Partial<Digest> = {}): Digest {
  return {
    id: 'storm',
    episode: 1,
    revision: 4,
    groupLabels: { alertname: 'wmserver-309-port-in-use' },
    count: { open: 1990, acknowledged: 7, resolved: 3 },
    newCount: 40,
    suppressedCount: 12,
    eventCount: 5012,
    hostCount: 1000,
    sinceMs: Date.UTC(2026, 2, 1, 10, 0, 0),
    byPort: [
      { value: '80', count: 1500, hostCount: 1000, holder: 'IIS or another program of HTTP.sys' },
      { value: '554', count: 500, hostCount: 500 },
    ],
    byRule: [{ value: 'wmserver-309-port-in-use', count: 2000 }],
    bySeverity: [{ value: 'error', count: 2000 }],
    topHosts: Array.from({ length: 20 }, (_, index) => ({ value: `media${index}`, count: 9 })),
    byHostGroup: [
      { value: 'media*.example.org', count: 812 },
      { value: '10.1.2.*', count: 188 },
    ],
    incidentIds: ['abc', 'def'],
    ...parts,
  };
}

const ESCAPE = '\u001b';

/**
 * What an attacker may have written into an event. The word `Zebra` stays through all that makes
 * text harmless.
 */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a Slack broadcast': 'Zebra <!channel> <!here> <!everyone>',
  'a Slack mention': 'Zebra <@U1> <#C1> <!subteam^S1>',
  'a Slack link': 'Zebra <http://evil.example|click me> https://evil.example',
  'Slack markup': 'Zebra *bold* _italic_ ~gone~ `code` :fire: > quote',
  entities: 'Zebra &lt;!channel&gt; &amp;lt;b&amp;gt;',
  'a Teams mention': 'Zebra <at>Anna</at> <AT>everyone</AT>',
  markdown: 'Zebra [click](http://evil.example) **bold** # head ![x](http://evil.example/x.png)',
  html: 'Zebra <script>alert(1)</script><img src=x onerror=alert(1)>"\'><a href="javascript:alert(1)">x</a>',
  'a header': 'Zebra\r\nBcc: victim@example.org\r\n\r\n<html>',
  'an encoded word': 'Zebra =?utf-8?q?=0D=0ABcc:_victim=40example.org?=',
  'terminal controls': `Zebra ${ESCAPE}[2J${ESCAPE}]0;owned\u0007\u0008\u0000\u009b31m`,
  'text directions': 'Zebra \u202egnp.exe\u202c \u2066x\u2069 \u200f\ufeff',
  'lone surrogates': 'Zebra \ud800 \udc00 \udfff',
  templates: 'Zebra {{DATE(2026-01-01T00:00:00Z,SHORT)}} ${system.x} {% x %}',
  'a lot': `Zebra ${'A'.repeat(65_536)}`,
  'a lot of entities': `Zebra ${'<&>'.repeat(20_000)}`,
  'a lot of pictures': `Zebra ${'😀'.repeat(20_000)}`,
  nothing: '',
};

/** A notification every text of which is hostile. */
export function hostileNotification(text: string): Notification {
  const incident = anIncident('abc', 1);
  const step = { text, where: text, command: text, risk: text, undo: text };
  return aNotification({
    incident: {
      ...incident,
      acknowledgedBy: text,
      lastMessage: text,
      entity: {
        ...incident.entity,
        host: text,
        provider: text,
        ruleId: text,
        ruleName: text,
        reference: `http://example.org/${text}`,
        addresses: [text],
        params: { port: text, [text]: text },
      },
      remediation: {
        ...incident.remediation,
        title: text,
        summary: text,
        causes: [{ text, check: text, command: text }],
        options: Array.from({ length: 9 }, () => ({
          title: text,
          when: text,
          steps: Array.from({ length: 20 }, () => ({ ...step })),
        })),
        verification: [step],
        references: [{ title: text, url: `javascript:${text}` }],
      },
    },
    links: [
      { title: text, url: `https://example.org/?q=${text}` },
      { title: text, url: 'javascript:alert(1)' },
    ],
  });
}

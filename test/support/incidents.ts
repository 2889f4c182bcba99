// Made-up incidents: a 309 on media01, port 80.
import type { FilledIncident } from '../../shared/contracts/incident.ts';
import { anId } from './ids.ts';

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);

/** An open incident at a revision; each revision is a second later. */
export function anIncident(id: string, revision: number): FilledIncident {
  return {
    id,
    episode: 1,
    revision,
    state: 'open',
    severity: 'error',
    entity: {
      ruleId: 'wmserver-309-port-in-use',
      ruleName: 'A port that Windows Media Services needs is in use',
      ruleVersion: 1,
      reference: 'https://example.org/309',
      faultClass: 'address-in-use',
      host: 'media01',
      provider: 'WMServer',
      eventId: 309,
      channel: 'Application',
      params: { port: 80 },
    },
    remediation: {
      ruleId: 'wmserver-309-port-in-use',
      ruleVersion: 1,
      title: 'Port 80 is taken on media01',
      summary: 'Another program holds port 80.',
      faultClass: 'address-in-use',
      severity: 'error',
      causes: [{ text: 'A web server runs on the same machine.', command: 'netstat -ano' }],
      options: [{ title: 'Use another port', steps: [{ text: 'Open the console.', where: 'on media01' }] }],
      verification: [{ text: 'Play a stream.' }],
      notes: [],
      references: [],
    },
    episodeCount: revision,
    totalCount: revision,
    firstSeenMs: START_MS,
    lastSeenMs: START_MS + revision * 1000,
    lastMessage: 'The port 80 is in use.',
    lastEventId: anId(`event-${revision}`),
    recentEventIds: [],
    openedAtMs: START_MS,
    updatedAtMs: START_MS + revision * 1000,
  };
}

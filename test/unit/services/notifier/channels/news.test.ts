// The news of a message: in its headline, and not again among its facts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHORT } from '../../../../../services/notifier/channels/message/guide.ts';
import { messageOf } from '../../../../../services/notifier/channels/message/message.ts';
import type { Notification } from '../../../../../shared/contracts/notification.ts';
import { aNotification, inState } from '../../../../support/notifications.ts';

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);

test('the news of a message is said once, and what is no news stays among the facts', () => {
  const notes = ['It is slow.', 'IIS is new.'].map((text, index) => ({
    id: `${index}`,
    atMs: START_MS + index,
    author: 'ben',
    text,
  }));
  const incident = inState({ assignee: 'anna', snoozedUntilMs: START_MS + 3_600_000, notes });
  const parts = { incident, previousNoteId: '0', nowMs: START_MS };
  const shown = (reason: Notification['reason']) => {
    const { headline, facts } = messageOf(aNotification({ reason, ...parts }), SHORT);
    return { headline, said: facts.map(({ label, value }) => `${label}: ${value}`).join('\n') };
  };
  const changed = shown('updated');
  assert.match(
    changed.headline,
    /ben noted: IIS is new\. Assigned to anna\. Snoozed until 2026-03-01 11:00:00 UTC, in 1 h\./u,
  );
  assert.match(changed.said, /Note: It is slow\./u);
  assert.doesNotMatch(changed.said, /IIS is new|Assigned|Snoozed/u);
  const reminded = shown('repeated');
  assert.match(reminded.headline, /IIS is new/u);
  assert.match(reminded.said, /Assigned: anna\nSnoozed: until/u);
  assert.doesNotMatch(reminded.said, /IIS is new/u);
});

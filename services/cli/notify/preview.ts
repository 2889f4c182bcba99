// The forms in which `foghorn notify preview` shows a message: as text, and as each kind of
// receiver gets it.
import type { Notification } from '../../../shared/contracts/notification.ts';
import type { Preview } from '../../notifier/channels/channel.ts';
import { CHANNEL_TYPES } from '../../notifier/channels/receivers.ts';
import { renderPlainText } from '../../notifier/channels/plain-text.ts';
import { jsonText } from '../terminal.ts';

/** A message for the terminal, and for files. */
export interface Shown {
  readonly text: string;
  /** By the end of the file's name; the last is what its reader sees. */
  readonly files: Readonly<Record<string, string>>;
}

/** By name. JSON is indented; the form `slack` can be pasted into Slack's Block Kit Builder. */
export const FORMS: Readonly<Record<string, (notification: Notification) => Shown>> = {
  text: (notification) => shown({ kind: 'text', text: renderPlainText(notification) }),
  ...Object.fromEntries(
    CHANNEL_TYPES.map(({ kind, preview }) => [kind, (notification: Notification) => shown(preview(notification))]),
  ),
};

function shown(preview: Preview): Shown {
  if (preview.kind === 'json') {
    const text = jsonText(preview.value, 2);
    return { text, files: { json: text } };
  }
  const { text, page } = preview;
  return { text, files: { txt: text, ...(page === undefined ? {} : { html: page }) } };
}

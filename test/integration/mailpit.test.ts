// Mail to a real Mailpit, where MAILPIT_PROGRAM names its program: it takes the letters over
// STARTTLS, and shows them as they are meant.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { createEmailChannel } from '../../services/notifier/channels/email/email.ts';
import type { Notification } from '../../shared/contracts/notification.ts';
import { SMTP_CERTIFICATE, SMTP_KEY } from '../support/fake-smtp.ts';
import { aNotification, HOSTILE, hostileNotification, inState } from '../support/notifications.ts';
import { startProgram } from '../support/program.ts';
import { skipWithout } from '../support/needs.ts';

const program = process.env['MAILPIT_PROGRAM'] ?? '';
const skip = skipWithout('mailpit', program === '' ? 'MAILPIT_PROGRAM names no program' : undefined);

interface Listed {
  readonly total: number;
  readonly messages: readonly { readonly ID: string; readonly MessageID: string; readonly Subject: string }[];
}

interface Shown {
  readonly Text: string;
  readonly HTML: string;
  readonly To: readonly { readonly Address: string }[];
  readonly Attachments: readonly unknown[];
}

test('a real Mailpit takes the letters and shows them as they are meant', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-mailpit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certFile, SMTP_CERTIFICATE);
  writeFileSync(keyFile, SMTP_KEY);
  const [port, webPort] = [await choosePort(), await choosePort()];
  const url = `http://127.0.0.1:${webPort}`;
  const listening = ['--smtp', `127.0.0.1:${port}`, '--listen', `127.0.0.1:${webPort}`, '--disable-version-check'];
  const tls = ['--smtp-tls-cert', certFile, '--smtp-tls-key', keyFile, '--smtp-require-starttls'];
  await startProgram(t, { program, args: [...listening, ...tls], url: `${url}/readyz` });
  const account = { host: '127.0.0.1', port, tls: 'starttls', caFile: certFile, username: '', password: '' } as const;
  const people = { from: 'foghorn@example.org', to: ['anna@example.org'], timeoutMs: 10_000 };
  const channel = createEmailChannel({ ...account, ...people });
  const send = async (notification: Notification): Promise<void> => {
    const outcome = await channel.send(channel.render(notification), t.signal);
    assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  };
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${url}${path}`)).json()) as T;

  await send(aNotification());
  const { messages } = await ask<Listed>('/api/v1/messages');
  assert.deepEqual(
    messages.map(({ MessageID, Subject }) => [MessageID, Subject]),
    [['n-abc-1-1-x@example.org', '[ERROR] Port 80 is taken on media01']],
  );
  const shown = await ask<Shown>(`/api/v1/message/${messages[0]?.ID}`);
  assert.deepEqual([shown.To.map(({ Address }) => Address), shown.Attachments.length], [['anna@example.org'], 0]);
  assert.match(shown.Text, /^open +https:\/\/\S+\/incidents\/abc\r?$[\s\S]*netstat -ano/mu);
  assert.match(shown.HTML, />Open the incident<[\s\S]*netstat -ano/u, 'actions before the repair');

  await send(aNotification({ id: 'n-2', reason: 'resolved', incident: inState({ state: 'resolved' }) }));
  const hostile = Object.values(HOSTILE);
  for (const [index, text] of hostile.entries()) await send({ ...hostileNotification(text), id: `n-h-${index}` });
  const all = await ask<Listed>('/api/v1/messages?limit=100');
  assert.equal(all.total, 2 + hostile.length);
  assert.deepEqual(
    all.messages.filter(({ Subject }) => /\r|\n/u.test(Subject)),
    [],
  );
});

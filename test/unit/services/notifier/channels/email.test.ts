// Mail over a real SMTP server, read by a real mail parser: form, threads, encryption, logging in,
// and a result for each recipient.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createEmailChannel, type EmailOptions } from '../../../../../services/notifier/channels/email/email.ts';
import type { Channel } from '../../../../../services/notifier/channels/channel.ts';
import type { Notification, SendOutcome } from '../../../../../shared/contracts/notification.ts';
import { ConfigError } from '../../../../../shared/runtime/errors.ts';
import { type FakeSmtp, startFakeSmtp } from '../../../../support/fake-smtp.ts';
import { aDigest, aNotification, inState } from '../../../../support/notifications.ts';

const { signal } = new AbortController();
const ANNA = 'anna@example.org';
const BEN = 'ben@example.org';

function channelTo(
  { port, caFile }: FakeSmtp,
  parts: Partial<EmailOptions> = {},
  letters?: Parameters<typeof createEmailChannel>[1],
): Channel {
  const options = {
    host: '127.0.0.1',
    port,
    tls: 'starttls',
    caFile,
    username: '',
    password: '',
    from: 'foghorn@example.org',
    to: [ANNA, BEN],
    timeoutMs: 5000,
    ...parts,
  } as const;
  return createEmailChannel(options, letters);
}

async function send(channel: Channel, notification: Notification): Promise<SendOutcome> {
  return await channel.send(channel.render(notification), signal);
}

async function open(t: TestContext, parts: Partial<EmailOptions> = {}) {
  const smtp = await startFakeSmtp(t);
  return { smtp, channel: channelTo(smtp, parts) };
}

test('a letter has text and HTML, both with what a repair needs, and comes encrypted', async (t) => {
  const { smtp, channel } = await open(t);
  const links = [{ title: 'Console', url: 'https://console.example/i/abc?a=1&b=2' }];
  const outcome = await send(channel, aNotification({ receiver: 'Ops_Mail', links }));
  assert.deepEqual(outcome, { kind: 'sent', reference: 'n-abc-1-1-x@example.org' });
  const [mail] = await smtp.letters();
  const [received] = smtp.received();
  assert.ok(mail !== undefined && received !== undefined);
  assert.deepEqual([received.isEncrypted, received.to], [true, [ANNA, BEN]]);
  assert.deepEqual(
    [mail.subject, mail.from?.text, mail.messageId],
    ['[ERROR] Port 80 is taken on media01', '"Foghorn" <foghorn@example.org>', '<n-abc-1-1-x@example.org>'],
  );
  for (const header of [
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
    'List-ID: Foghorn ops_mail <ops_mail.foghorn.example.org>',
  ])
    assert.ok(received.raw.includes(`\r\n${header}\r\n`) || received.raw.indexOf(`${header}\r\n`) === 0, header);
  const text = String(mail.text);
  const page = String(mail.html);
  assert.match(page, /href="https:\/\/console\.example\/i\/abc\?a=1&amp;b=2"/u);
  const parts = ['Port 80 is taken on media01', 'media01, port 80', '2026-03-01 10:00:00 UTC', 'netstat -ano'];
  for (const part of [...parts, 'Open the console.', 'Play a stream.', 'The port 80 is in use.']) {
    assert.ok(text.includes(part), part);
    assert.ok(page.includes(part), part);
  }
});

test('the letters of an episode make one thread; the next episode and a digest make others', async (t) => {
  const { smtp, channel } = await open(t);
  const resolved = inState({ state: 'resolved', resolvedAtMs: inState({}).openedAtMs + 1000 });
  await send(channel, aNotification({ id: 'n-1' }));
  await send(channel, aNotification({ id: 'n-2', reason: 'resolved', incident: resolved }));
  await send(channel, aNotification({ id: 'n-3', reason: 'reopened', incident: inState({ episode: 2 }) }));
  await send(channel, aNotification({ id: 'n-4', digest: aDigest() }));
  const mails = await smtp.letters();
  const threads = mails.map(({ references }) => references);
  assert.deepEqual(
    threads,
    mails.map(({ inReplyTo }) => inReplyTo),
  );
  assert.equal(threads[0], threads[1]);
  assert.equal(new Set(threads).size, 3);
  assert.deepEqual(
    mails.slice(0, 2).map(({ subject }) => subject),
    ['[ERROR] Port 80 is taken on media01', '[RESOLVED] Port 80 is taken on media01'],
  );
});

test('a server without STARTTLS gets nothing, unless it is configured otherwise', async (t) => {
  const smtp = await startFakeSmtp(t, { offersTls: false });
  const outcome = await send(channelTo(smtp), aNotification());
  assert.equal(outcome.kind, 'retry', JSON.stringify(outcome));
  assert.equal(smtp.received().length, 0);
  assert.equal((await send(channelTo(smtp, { tls: 'none' }), aNotification())).kind, 'sent');
  assert.equal(smtp.received()[0]?.isEncrypted, false);
});

test('a server whose certificate nobody vouches for gets nothing', async (t) => {
  const { smtp, channel } = await open(t, { caFile: '' });
  const outcome = await send(channel, aNotification());
  assert.equal(outcome.kind, 'retry', JSON.stringify(outcome));
  assert.equal(smtp.received().length, 0);
});

test('TLS from the first byte, and logging in', async (t) => {
  const smtp = await startFakeSmtp(t, { secure: true });
  const account = { tls: 'implicit', username: 'foghorn' } as const;
  assert.equal((await send(channelTo(smtp, { ...account, password: 'right' }), aNotification())).kind, 'sent');
  assert.equal(smtp.received()[0]?.user, 'foghorn');
  const refused = await send(channelTo(smtp, { ...account, password: 'wrong' }), aNotification());
  assert.equal(refused.kind, 'retry');
  assert.doesNotMatch(JSON.stringify(refused), /wrong/u);
});

test('a recipient that is refused for good does not keep the others from their letter, and is reported', async (t) => {
  const { smtp, channel } = await open(t);
  smtp.answerRecipient(BEN, 550);
  const outcome = await send(channel, aNotification());
  assert.equal(outcome.kind, 'sent');
  assert.equal(outcome.kind === 'sent' && outcome.reference, 'n-abc-1-1-x@example.org');
  assert.match((outcome.kind === 'sent' && outcome.refused) || '', /^ben@example\.org: .*550/u);
  assert.deepEqual(
    smtp.received().map(({ to }) => to),
    [[ANNA]],
  );
});

test('a recipient that is busy is tried again alone', async (t) => {
  const { smtp, channel } = await open(t);
  smtp.answerRecipient(BEN, 451);
  assert.equal((await send(channel, aNotification())).kind, 'retry');
  smtp.answerRecipient(BEN, 250);
  assert.equal((await send(channel, aNotification())).kind, 'sent');
  assert.deepEqual(
    smtp.received().map(({ to }) => to),
    [[ANNA], [BEN]],
  );
  const [first, second] = await smtp.letters();
  assert.equal(first?.messageId, second?.messageId);
});

test('who has taken a letter is not asked again by another channel that shares the memory [alerting 11]', async (t) => {
  const memory = new Map<string, string[]>();
  const letters = {
    of: async (id: string) => await Promise.resolve(memory.get(id) ?? []),
    add: async (id: string, addresses: readonly string[]) => {
      memory.set(id, [...(memory.get(id) ?? []), ...addresses]);
      await Promise.resolve();
    },
  };
  const smtp = await startFakeSmtp(t);
  smtp.answerRecipient(BEN, 451);
  assert.equal((await send(channelTo(smtp, {}, letters), aNotification())).kind, 'retry');
  smtp.answerRecipient(BEN, 250);
  assert.equal((await send(channelTo(smtp, {}, letters), aNotification())).kind, 'sent');
  assert.deepEqual(
    smtp.received().map(({ to }) => to),
    [[ANNA], [BEN]],
  );
});

test('a memory that cannot be asked keeps the letter back, nobody gets it twice for that [alerting 11]', async (t) => {
  const smtp = await startFakeSmtp(t);
  const away = async (): Promise<never> => await Promise.reject(new Error('away'));
  const outcome = await send(channelTo(smtp, {}, { of: away, add: away }), aNotification());
  assert.deepEqual([outcome.kind, smtp.received().length], ['retry', 0]);
});

test('the client names itself as `hello` says [alerting 8]', async (t) => {
  const smtp = await startFakeSmtp(t);
  await send(channelTo(smtp, { hello: 'foghorn.example.org' }), aNotification());
  assert.equal(smtp.received()[0]?.hello, 'foghorn.example.org');
});

test('when nobody takes it the strongest hope decides', async (t) => {
  const { smtp, channel } = await open(t);
  smtp.answerRecipient(ANNA, 550);
  smtp.answerRecipient(BEN, 451);
  assert.equal((await send(channel, aNotification())).kind, 'retry');
  smtp.answerRecipient(BEN, 550);
  assert.equal((await send(channel, aNotification())).kind, 'refused');
});

test('a certificate file that is not there stops the start and is named', () => {
  const settings = {
    host: 'h',
    tls: 'starttls',
    username: '',
    password: '',
    from: ANNA,
    to: [BEN],
    timeoutMs: 1000,
  } as const;
  assert.throws(
    () => createEmailChannel({ ...settings, caFile: '/nowhere/ca.pem' }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /\/nowhere\/ca\.pem/u);
      return true;
    },
  );
});

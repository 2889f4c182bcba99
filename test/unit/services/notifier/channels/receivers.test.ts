// The setting of receivers: what each kind asks for, and what it refuses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { CHANNEL_TYPES, channelTypeOf, receiversSetting } from '../../../../../services/notifier/channels/receivers.ts';
import { loadConfig, printConfig } from '../../../../../shared/runtime/config.ts';
import { shownValue } from '../../../../../shared/runtime/masking.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';
import { holdsSecrets } from '../../../../../shared/runtime/schema-tree.ts';

const GOOD = [
  { name: 'file', kind: 'local' },
  { name: 'team', kind: 'slack', token: 'xoxb-1', channel: 'C0123456' },
  { name: 'hooked', kind: 'slack-webhook', webhookUrl: 'https://hooks.slack.com/services/x' },
  { name: 'mail', kind: 'email', host: 'mail.example.org', from: 'a@example.org', to: ['b@example.org'] },
  { name: 'pager', kind: 'pagerduty', routingKey: '0123456789abcdef0123456789abcdef' },
  { name: 'card', kind: 'teams', workflowUrl: 'https://example.org/workflows/1' },
  { name: 'hook', kind: 'webhook', url: 'https://example.org/hook' },
  { name: 'peer', kind: 'alertmanager', url: 'http://alertmanager:9093' },
] as const;

for (const settings of GOOD) {
  test(`${settings.kind}: with what it must have it makes a channel of its kind, and what it has too much is refused`, async () => {
    const [receiver] = receiversSetting.parse([settings]);
    assert.ok(receiver !== undefined);
    const type = channelTypeOf(receiver);
    assert.equal(type.kind, settings.kind);
    assert.ok(type.longestSendMs(receiver) >= 10_000);
    await type.create(receiver, { now: Date.now }).close();
    assert.equal(receiversSetting.safeParse([{ ...settings, surprise: 1 }]).success, false);
  });
}

const BAD = [
  ['a Slack channel by its name', { ...GOOD[1], channel: '#ops' }],
  ['a mail without recipients', { ...GOOD[3], to: [] }],
  ['a recipient that smuggles a header', { ...GOOD[3], to: ['b@example.org\r\nBcc: c@example.org'] }],
  ['a password over a bare connection', { ...GOOD[3], tls: 'none', username: 'u', password: 'p' }],
  ['a routing key that is none', { ...GOOD[4], routingKey: 'short' }],
  ['an address that is no web address', { ...GOOD[5], workflowUrl: 'file:///etc/passwd' }],
  ['a person in Teams by a name alone', { ...GOOD[5], mention: [{ id: 'anna', name: 'Anna' }] }],
  ['a name that would be markup in Teams', { ...GOOD[5], mention: [{ id: 'a@example.org', name: '</at>*x*' }] }],
  [
    'two people in Teams with one name',
    {
      ...GOOD[5],
      mention: [
        { id: 'a@example.org', name: 'Anna' },
        { id: 'b@example.org', name: 'Anna' },
      ],
    },
  ],
  ['a name with a colon', { ...GOOD[0], name: 'a:b' }],
  ['an unknown kind', { name: 'x', kind: 'pigeon' }],
] as const;

for (const [name, settings] of BAD) {
  test(`refused: ${name}`, () => {
    assert.equal(receiversSetting.safeParse([settings]).success, false);
  });
}

const schema = z.strictObject({ notifier: z.strictObject({ receivers: receiversSetting }) });

function load(receivers: readonly object[]): z.infer<typeof schema> {
  return loadConfig(schema, { env: { FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers) } });
}

test('secrets of receivers are masked when the configuration is printed, and in complaints about it', () => {
  const secrets = {
    token: 'xoxb-hush',
    webhookUrl: 'https://hooks.example/hush',
    workflowUrl: 'https://flow.example/hush',
  };
  const receivers = [
    { ...GOOD[1], token: secrets.token },
    { ...GOOD[2], webhookUrl: secrets.webhookUrl },
    { ...GOOD[3], username: 'u', password: 'hush' },
    { ...GOOD[4], routingKey: 'hush'.repeat(8) },
    { ...GOOD[5], workflowUrl: secrets.workflowUrl },
    { ...GOOD[6], secret: 'hush', headers: { authorization: 'hush' } },
  ];
  assert.doesNotMatch(printConfig(schema, load(receivers)), /hush/u);
  for (const bad of [
    [{ ...GOOD[4], routingKey: 'hush' }],
    [{ ...GOOD[2], webhookUrl: 'ftp://hush' }],
    [...receivers, ...receivers],
  ])
    assert.throws(
      () => load(bad),
      (error) => error instanceof Error && !error.message.includes('hush'),
    );
});

for (const { kind, settings } of CHANNEL_TYPES) {
  const good = GOOD.find((one) => one.kind === kind);
  const secrets = Object.entries(settings.shape).filter(([, field]) => holdsSecrets(field));

  test(`${kind}: it has an example, and the description names its settings [issue 15]`, () => {
    assert.ok(good !== undefined);
    const { description = '' } = z.globalRegistry.get(receiversSetting) ?? {};
    const [common = '', byKind = ''] = description.split(' by kind ');
    const own = byKind.split(/[;.]/u).find((part) => part.trim().startsWith(`${kind}: `)) ?? '';
    const named = new Set(`${common} ${own}`.match(/\w+/gu));
    assert.deepEqual(
      Object.keys(settings.shape).filter((name) => !named.has(name)),
      [],
    );
  });

  test(`${kind}: no secret is shown, whether its value, its key or the kind is right [issue 15]`, () => {
    for (const [name] of secrets)
      for (const value of ['https://example.org/hush', { authorization: 'hush' }, ['hush']])
        for (const receiver of [
          { ...good, [name]: value },
          { ...good, [name.toUpperCase()]: value },
          { ...good, kind: `${kind}s`, [name]: value },
          { name: 'x', [name]: value },
        ])
          assert.doesNotMatch(shownValue([receiversSetting], [receiver]), /hush/u, JSON.stringify(receiver));
  });

  test(`${kind}: a setting that sounds like a secret is marked as one [issue 15]`, () => {
    const harmless = ['apiUrl', 'keyFile'];
    const named = Object.keys(settings.shape).filter((name) => /token|secret|password|key|url$|headers/iu.test(name));
    assert.deepEqual(
      named.filter((name) => !harmless.includes(name)).toSorted(),
      secrets.map(([name]) => name).toSorted(),
    );
  });
}

test('the examples in docs/channels.md load, and there is one for each kind but local', () => {
  const page = readFileSync(packagePath('docs', 'channels.md'), 'utf8');
  const kinds = [...page.matchAll(/```yaml\n(?<yaml>[\s\S]*?)```/gu)].flatMap(({ groups }) => {
    // A dot-dot-dot stands for what only its reader knows.
    const text = (groups?.['yaml'] ?? '').replaceAll('…', 'x');
    // Other settings of the notifier are held to its whole schema with the examples of all pages.
    if (!text.includes('  receivers:')) return [];
    return loadConfig(schema, { env: {}, file: { name: 'docs/channels.md', text } }).notifier.receivers.map(
      ({ kind }) => kind,
    );
  });
  assert.deepEqual(
    [...kinds].sort(),
    GOOD.map(({ kind }) => kind)
      .filter((kind) => kind !== 'local')
      .sort(),
  );
});

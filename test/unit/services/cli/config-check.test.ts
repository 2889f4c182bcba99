// `foghorn config check` and `foghorn route test`: typing mistakes are named with their place and
// the nearest right word, all in one run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from '../../../../services/cli/command.ts';
import { configCommand } from '../../../../services/cli/commands/config.ts';
import { routeCommand } from '../../../../services/cli/commands/route.ts';

const RECEIVERS = `
  receivers:
    - { name: ops, kind: local, file: ./ops.log }
    - { name: night, kind: local, file: ./night.log }`;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-check-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function run(t: TestContext, command: Command, text: string, args: readonly string[] = ['check']) {
  const file = join(folderFor(t), 'foghorn.yaml');
  writeFileSync(file, text);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line.replaceAll(file, 'foghorn.yaml')),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  const code = await command.run(['--config', file, ...args], io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('labels and values that no incident has, receivers and intervals that are not there: all in one run, each with its place [alerting 14]', async (t) => {
  const { code, err } = await run(
    t,
    configCommand,
    `notifier:${RECEIVERS}
  timeIntervals:
    - { name: weekend, time_intervals: [{ weekdays: ['saturday', 'sunday'], location: Europe/Berln }] }
    - { name: end, time_intervals: [{ days_of_month: ['-3:5', '5:3'] }] }
  labels:
    - { matchers: ['provder="WMServer"'], set: { team: streaming } }
  inhibitRules:
    - { source_matchers: ['severity=critcal'], target_matchers: ['rule="wmserver-309-port-in-us"'], equal: [hots] }
  route:
    receiver: opss
    group_by: [alertnam]
    group_wait: 5
    routes:
      - matchers: ['sevrity="error"']
        mute_time_intervals: [wekend]
      - matchers: ['severity="critcal"']
      - matchers: ['severity=~"crit"', 'team="streaming"']
      - matchers: ['severity==error']
      - matchers: ['rule="wmserver-309-port-in-us"', 'provider!="WMSrever"']
      - { matchers: ['severity="error"'], routes: [{ matchers: ['severity="critical"'] }] }
      - { receivers: [night], escalate: [{ after: 10, receivers: [nigth] }] }
      - matchers: ['host="m1"']
kafka: { brokrs: [a] }
`,
  );
  assert.equal(code, 1);
  for (const pattern of [
    /^foghorn\.yaml:6:\d+: .*there is no time zone Europe\/Berln.*Did you mean Europe\/Berlin\?/mu,
    /^foghorn\.yaml:7:\d+: .*-3:5 begins with a day from the end of the month/mu,
    /^foghorn\.yaml:7:\d+: .*5:3 runs backwards/mu,
    /^foghorn\.yaml:9:\d+: .*there is no label provder\. Did you mean provider\?/mu,
    /^foghorn\.yaml:11:\d+: .*severity=critcal is never true.*Did you mean critical\?/mu,
    /^foghorn\.yaml:11:\d+: .*there is no rule wmserver-309-port-in-us\. Did you mean wmserver-309-port-in-use\?/mu,
    /^foghorn\.yaml:11:\d+: .*there is no label hots\. Did you mean host\?/mu,
    /^foghorn\.yaml:13:15: .*opss is no receiver\. Did you mean ops\?/mu,
    /^foghorn\.yaml:14:16: .*there is no label alertnam\. Did you mean alertname\?/mu,
    /^foghorn\.yaml:15:17: notifier\.route\.group_wait .*= 5: a duration with its unit/mu,
    /^foghorn\.yaml:17:20: notifier\.route\.routes\[0\]\.matchers\[0\]: .*sevrity\. Did you mean severity\?/mu,
    /^foghorn\.yaml:18:\d+: .*wekend is no time interval.*Did you mean weekend\?/mu,
    /^foghorn\.yaml:19:\d+: .*critcal.*Did you mean critical\?/mu,
    /^foghorn\.yaml:20:\d+: .*severity=~"crit" is never true/mu,
    /^foghorn\.yaml:21:\d+: .*== is no operator/mu,
    /^foghorn\.yaml:22:\d+: .*Did you mean wmserver-309-port-in-use\?/mu,
    /^foghorn\.yaml:22:\d+: .*provider!="WMSrever" is always true.*Did you mean WMServer\?/mu,
    /^foghorn\.yaml:23:\d+: .*severity="error" and severity="critical" can never be true together/mu,
    /^foghorn\.yaml:24:\d+: .*nigth is no receiver\. Did you mean night\?/mu,
    /^foghorn\.yaml:24:\d+: .*after .*= 10: a duration/mu,
    /^foghorn\.yaml:25:\d+: .*never reached: notifier\.route\.routes\[6\]/mu,
    /^foghorn\.yaml:26:10: unknown key brokrs in kafka\. Did you mean brokers\?/mu,
  ])
    assert.match(err, pattern);
  assert.doesNotMatch(err, /no label team/u, 'labels of one’s own count');
});

test('a receiver or an interval that no route names is a warning [alerting 14]', async (t) => {
  const { code, err } = await run(
    t,
    configCommand,
    `notifier:${RECEIVERS}
  timeIntervals: [{ name: weekend, time_intervals: [{ weekdays: [sunday] }] }]
  route: { receiver: ops }
`,
  );
  assert.equal(code, 0);
  assert.match(err, /^warning: foghorn\.yaml:4:\d+: .*the receiver night is in no route/mu);
  assert.match(err, /^warning: foghorn\.yaml:5:\d+: .*the time interval weekend is in no route/mu);
});

test('links that only this machine can open are a warning where messages leave it [issue 17 §2]', async (t) => {
  const warns = async (text: string): Promise<boolean> =>
    /^warning: .*console\.url: messages link to the console/mu.test((await run(t, configCommand, text)).err);
  const hook = 'notifier: { receivers: [{ name: hook, kind: webhook, url: "https://hook.example.org" }] }\n';
  assert.equal(await warns(hook), true);
  assert.equal(await warns(`${hook}console: { http: { host: "::1" } }\n`), true);
  assert.equal(await warns(`${hook}console: { url: "https://foghorn.example.org" }\n`), false);
  assert.equal(await warns('notifier: {}\n'), false, 'a file stays on this machine');
});

test('entries of one’s own bring labels and rules; a folder or certificate that is not there is named [alerting 14]', async (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'runbooks'));
  const of = async (name: string) =>
    await run(
      t,
      configCommand,
      `enricher: { catalogFolders: [${folder}/${name}] }
elasticsearch: { caFile: ${folder}/ca.pem }
collector: { http: { tlsCert: ${folder}/cert.pem } }
`,
    );
  const { code, err } = await of('runbook');
  assert.equal(code, 1);
  assert.match(
    err,
    /^foghorn\.yaml:1:\d+: enricher\.catalogFolders\[0\]: there is no folder .*Did you mean runbooks\?/mu,
  );
  assert.match(err, /^foghorn\.yaml:2:\d+: elasticsearch\.caFile: there is no file/mu);
  assert.match(err, /^foghorn\.yaml:3:\d+: collector\.http\.tlsCert: there is no file/mu);
  writeFileSync(join(folder, 'runbooks', 'bad.yaml'), 'id: 1\n');
  assert.match((await of('runbooks')).err, /caFile/u);
});

test('an unknown key of a receiver says which ones its kind has [alerting 24]', async (t) => {
  const receiver = '{ name: a, kind: slack, tokn: xoxb-1, channel: C0123456 }';
  const { err } = await run(t, configCommand, `notifier: { receivers: [${receiver}] }\n`);
  assert.match(
    err,
    /unknown key tokn in notifier\.receivers\[0\]\. Did you mean token\? Allowed: .*kind, token, tokenFile, channel/u,
  );
  assert.match(err, /notifier\.receivers\[0\]\.token .*is missing/u);
});

test('config check says when it read no file [alerting 14]', (t) => {
  const main = fileURLToPath(new URL('../../../../services/cli/main.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, 'config', 'check'], {
    cwd: folderFor(t),
    env: {},
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /No file was read: \.\/foghorn\.yaml is not there/u);
});

test('route test reports labels and values that no incident has [alerting 14]', async (t) => {
  const config = `notifier:${RECEIVERS}\n  labels: [{ matchers: ['host="a"'], set: { team: x } }]\n`;
  const { code, err } = await run(t, routeCommand, config, [
    'test',
    'sevrity=error',
    'severity=critcal',
    'port=80',
    'team=y',
  ]);
  assert.equal(code, 1);
  assert.match(err, /there is no label sevrity\. Did you mean severity\?/u);
  assert.match(err, /there is no severity critcal\. Did you mean critical\?/u);
  assert.doesNotMatch(err, /port|team/u);
  const good = await run(t, routeCommand, config, ['test', 'severity=critical', 'provider=wmserver']);
  assert.deepEqual([good.code, good.err], [0, '']);
});

const MARKER = 'hunter2secretmarker';

test('a service that starts with a slip ends with 78, names the place and shows no secret [security M10, M11]', (t) => {
  const folder = folderFor(t);
  const file = join(folder, 'foghorn.yaml');
  const main = (service: string): string =>
    fileURLToPath(new URL(`../../../../services/${service}/main.js`, import.meta.url));
  for (const [service, text, pattern] of [
    ['collector', 'x: *nope', /foghorn\.yaml:1:4: this alias/u],
    ['collector', `kafka:\n  saslPassword: ${MARKER}: x\n`, /foghorn\.yaml:2:\d+: /u],
    ['notifier', `redis: { url: "http://user:${MARKER}@h" }\n`, /redis\.url .*= \*{8}/u],
    ['notifier', `notifier: { route: { routes: [{ matchers: ['sevrity=error'] }] } }\n`, /Did you mean severity/u],
    ['notifier', `notifier: { receivers: [{ name: a, kind: slak, token: ${MARKER} }] }\n`, /Did you mean slack\?/u],
  ] as const) {
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [main(service), '--config', file], {
      cwd: folder,
      env: {},
      encoding: 'utf8',
    });
    assert.equal(status, 78, stderr);
    assert.match(stderr, pattern);
    assert.ok(!`${stdout}${stderr}`.includes(MARKER), stderr);
  }
  const { status, stderr } = spawnSync(process.execPath, [main('console'), '--config', folder], {
    env: {},
    encoding: 'utf8',
  });
  assert.equal(status, 78, stderr);
});

// The entry for event 309 says everything the vendor's article says, and what other published facts
// add.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMessage, renderRemediation } from '../../../../shared/catalog/render.ts';
import { catalogOf, event309, shipped309 } from './entry-text.ts';

const [entry = assert.fail()] = catalogOf(shipped309()).entries;
const remediation = renderRemediation(entry, { port: 80 }, 'media01');
const [otherPort, separate, on2003] = remediation.options;
const inText = (part: unknown): string => JSON.stringify(part);

const facts: readonly (readonly [string, unknown, readonly RegExp[]])[] = [
  ['product', remediation.about?.product, [/^"Windows Media Services"$/u]],
  ['id', remediation.about?.eventIds, [/^\[309\]$/u]],
  ['source', remediation.about?.provider, [/^"WMServer"$/u]],
  ['version', remediation.about?.productVersions, [/^"9\.5"$/u]],
  ['symbolic name', remediation.about?.symbolicName, [/^"WMS_EVMSG_PORT_IN_USE"$/u]],
  ['applies to', remediation.about?.appliesTo, [/^\["Windows Server 2008"\]$/u]],
  ['role and aspect', remediation.about, [/"Streaming Media Services"/u, /"Data Transfer Protocols"/u]],
  ['meaning: protocols stream content', remediation.explanation, [/streams its content by data transfer protocols/u]],
  ['meaning: plug-ins', remediation.explanation, [/control protocol plug-ins/u, /server and clients/u]],
  [
    'meaning: upper level',
    remediation.explanation,
    [/Real Time Streaming Protocol/u, /RTSP/u, /HTTP/u, /upper level/u],
  ],
  ['meaning: lower level', remediation.explanation, [/UDP/u, /TCP/u, /connectivity/u, /correction of packet errors/u]],
  ['the fault', remediation.summary, [/TCP port 80/u, /media01/u, /another service holds that port/u]],
  ['resolve: conflict removed', remediation.summary, [/conflict is removed/u]],
  [
    'resolve 1',
    otherPort,
    [/different port/u, /Use other port/u, /1 to 65535/u, /Enable/u, /server:1450/u, /Use default port/u],
  ],
  ['resolve 2', separate, [/IP address of its own/u, /further IP address/u, /port 80/u, /web server/u]],
  [
    'resolve 2: commands',
    separate,
    [
      /netsh http add iplisten ipaddress=/u,
      /netsh http delete iplisten/u,
      /Allow selected IP addresses/u,
      /none selected, all/u,
    ],
  ],
  [
    'resolve 2 on 2003',
    on2003,
    [/2003/u, /net stop wmserver/u, /net stop iisadmin/u, /net stop http"/u, /WMSHttpSysCfg/u],
  ],
  ['verify 1', remediation.verification[0], [/Desktop Experience/u, /media server itself/u]],
  ['verify 2', remediation.verification[1], [/Open Windows Media Services/u, /Start, Administrative Tools/u]],
  ['verify 3', remediation.verification[2], [/publishing point/u, /console tree/u]],
  ['verify 4', remediation.verification[3], [/details pane/u, /Announce tab/u, /Connect to a unicast stream/u, /URL/u]],
  ['verify 5', remediation.verification[4], [/Windows Media Player/u, /URL/u, /computer that can reach the stream/u]],
  ['verify 6: broadcast', remediation.verification[5], [/broadcast stream answers to Start and Stop/u]],
  [
    'verify 6: on demand',
    remediation.verification[5],
    [/on-demand stream to Start, Stop and Pause, and to the Seek bar/u],
  ],
  ['verify 7: all protocols', remediation.verification[6], [/every streaming protocol/u]],
  [
    'verify 7: MMS to RTSP',
    remediation.verification[6],
    [/unicast stream begins with MMS and goes over to RTSP/u, /network or the version of the player/u],
  ],
  [
    'verify 7: HTTP',
    remediation.verification[6],
    [/HTTP does not answer before the WMS HTTP Server Control Protocol plug-in is enabled/u],
  ],
  ['verify: listener', remediation.verification[7], [/TCP port 80/u, /netstat -a -o/u]],
  ['verify: no 337', remediation.verification[8], [/337/u]],
  [
    'firewall note',
    remediation.notes,
    [/outside the network's firewall/u, /Firewall Information for Windows Media Services/u],
  ],
  [
    'default ports',
    remediation.notes,
    [/HTTP TCP 80/u, /TCP 554/u, /UDP 5005/u, /MMST\) TCP 1755/u, /MMSU\) UDP 1755/u],
  ],
  [
    'MMS gone, plug-in off, no cmdlets',
    remediation.notes,
    [/no longer has MMS/u, /off after installation/u, /no PowerShell cmdlets/u],
  ],
  [
    'holder of port 80',
    remediation.causes,
    [/IIS/u, /process id 4/u, /show servicestate/u, /show iplisten/u, /Logging Agent/u],
  ],
  ['error of the operator', otherPort, [/0xC00D158B/u, /NS_E_PORT_IN_USE_HTTP/u]],
  ['article: page', remediation.references[0], [/cc727478/u, /Event ID 309/u]],
  ['article: protocols', remediation.references, [/"About data transfer protocols"/u]],
  [
    'article: same computer',
    remediation.references,
    [/"Using HTTP streaming and other services on the same computer"/u],
  ],
  ['article: desktop experience', remediation.references, [/"Installing Desktop Experience"/u]],
  ['article: firewall', remediation.references, [/"Firewall Information for Windows Media Services"/u]],
  [
    'further pages',
    remediation.references,
    [/cc754336/u, /cc731361/u, /cc732622/u, /cc772209/u, /328728/u, /dd874712/u, /888905/u],
  ],
  [
    'evidence of repair, strongest first',
    remediation.clearing,
    [/connects to TCP port 80.*HTTP, RTSP or MMS.*7036.*person/u],
  ],
  [
    'the same fault elsewhere',
    remediation.related,
    [/15005/u, /15014/u, /1004/u, /1007/u, /1036/u, /9692/u, /7023/u, /3015/u, /337/u, /301/u],
  ],
];

for (const [what, part, patterns] of facts)
  test(`309 states: ${what}`, () => {
    assert.ok(part !== undefined);
    for (const pattern of patterns) assert.match(inText(part), pattern);
  });

test('309: the message is the vendor\u2019s, with the port', () => {
  assert.equal(
    renderMessage(entry, event309({ eventData: { param1: '80' } })),
    'Windows Media Services cannot bind to TCP port 80. The port is being used by another service.',
  );
});

test('309: every step that changes something says how to take it back or what it risks', () => {
  const steps = remediation.options
    .flatMap((option) => option.steps)
    .filter(({ command = '' }) => /\b(?:add|stop)\b/u.test(command));
  assert.ok(steps.length >= 4);
  for (const step of steps)
    assert.ok(step.undo !== undefined && step.risk !== undefined && step.privilege !== undefined, step.text);
});

test('309: the causes for the very port are marked, and none where the port is unknown', () => {
  const specific = (params: Readonly<Record<string, number>>): readonly string[] =>
    renderRemediation(entry, params, '').causes.flatMap(({ text, isSpecific }) => (isSpecific === true ? [text] : []));
  assert.match(specific({ port: 80 })[0] ?? '', /HTTP\.sys holds port 80/u);
  assert.match(specific({ port: 554 })[0] ?? '', /RTSP server/u);
  assert.deepEqual([specific({ port: 8080 }), specific({})], [[], []]);
});

test('309: without a port the text still reads as words', () => {
  const { title, summary, causes } = renderRemediation(entry, {}, '');
  assert.equal(title, 'Windows Media Services cannot use an unknown TCP port on the affected host');
  assert.match(summary, /on an unknown TCP port and failed/u);
  assert.match(causes[0]?.text ?? '', /listens on the port that the plug-in wants/u);
});

// Who holds a port, by what Windows prints of its sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCommand, ownerText, portHolders } from '../../../../../services/console/web/model/netstat.ts';

/** The owners in words. */
function said(text: string, port: number): readonly string[] {
  const held = portHolders(text, port);
  return held.kind === 'owners' ? held.owners.map(ownerText) : [held.kind];
}

const ENGLISH = `
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4
  TCP    0.0.0.0:554            0.0.0.0:0              LISTENING       1240
  TCP    10.0.0.5:554           10.0.0.9:49222         ESTABLISHED     1240
  TCP    10.0.0.5:1755          10.0.0.7:445           ESTABLISHED     2012
  TCP    10.0.0.5:8080          10.0.0.9:61000         TIME_WAIT       0
  TCP    [::]:80                [::]:0                 LISTENING       4
  UDP    0.0.0.0:1755           *:*                                    2300
  UDP    [fe80::1%11]:5004      *:*                                    2300
`;

test('the owner of the port is the process that listens on it, on any address', () => {
  assert.deepEqual(said(ENGLISH, 80), [
    'The system process (PID 4), most likely HTTP.sys, listens on TCP 0.0.0.0:80, TCP [::]:80',
  ]);
  assert.deepEqual(said(ENGLISH, 554), ['The process with PID 1240 listens on TCP 0.0.0.0:554']);
  assert.deepEqual(said(ENGLISH, 5004), ['The process with PID 2300 listens on UDP [fe80::1%11]:5004']);
});

test('a listener comes before the connections of the port, which hold it where nobody listens', () => {
  assert.deepEqual(said(ENGLISH, 1755), ['The process with PID 2300 listens on UDP 0.0.0.0:1755']);
  assert.deepEqual(said(ENGLISH.replace(/^ {2}UDP.*$/gmu, ''), 1755), [
    'The process with PID 2012 has a connection (ESTABLISHED) from TCP 10.0.0.5:1755',
  ]);
  assert.deepEqual(said(ENGLISH, 8080), [
    'A process that is not named has a connection (TIME_WAIT) from TCP 10.0.0.5:8080',
  ]);
});

test('a port is no part of another, and no port of the other end', () => {
  assert.deepEqual(said(ENGLISH, 8), ['none']);
  assert.deepEqual(said(ENGLISH, 445), ['none']);
  assert.deepEqual(portHolders(ENGLISH, 443), { kind: 'none', sockets: 8 });
});

for (const [language, state] of [
  ['German', 'ABHÖREN'],
  ['French', 'LISTENING'],
  ['Russian', 'ПРОСЛУШИВАНИЕ'],
  ['of two words', 'À L’ÉCOUTE'],
] as const)
  test(`${language}: the other end shows that a socket listens, whatever the word for it`, () => {
    const text = `  TCP    0.0.0.0:80             0.0.0.0:0              ${state}         1688\r\n`;
    assert.deepEqual(said(text, 80), ['The process with PID 1688 listens on TCP 0.0.0.0:80']);
  });

test('-b names the program in a line of its own, with and without process ids', () => {
  const withIds = `  TCP    0.0.0.0:80    0.0.0.0:0    LISTENING    980
  W3SVC
 [svchost.exe]
  TCP    0.0.0.0:135   0.0.0.0:0    LISTENING    4
 Can not obtain ownership information`;
  assert.deepEqual(said(withIds, 80), ['svchost.exe (PID 980) listens on TCP 0.0.0.0:80']);
  assert.deepEqual(said(withIds, 135), [
    'The system process (PID 4), most likely HTTP.sys, listens on TCP 0.0.0.0:135',
  ]);
  const without = `  TCP    0.0.0.0:80    media01:0    LISTENING\n [nginx.exe]\n  TCP    [::]:80    media01:0    LISTENING\n [nginx.exe]`;
  assert.deepEqual(said(without, 80), ['nginx.exe listens on TCP 0.0.0.0:80, TCP [::]:80']);
});

test('tasklist below names the program and its services', () => {
  const sockets = '  TCP    0.0.0.0:80    0.0.0.0:0    LISTENING    1240\n';
  assert.deepEqual(said(`${sockets}\ninetinfo.exe                  1240 IISADMIN, W3SVC`, 80), [
    'inetinfo.exe (PID 1240) with the services IISADMIN, W3SVC listens on TCP 0.0.0.0:80',
  ]);
  for (const rest of ['Services                   0     12,345 K', 'Console                    1     12.345 K', 'N/A'])
    assert.deepEqual(said(`${sockets}\nnginx.exe                     1240 ${rest}`, 80), [
      'nginx.exe (PID 1240) listens on TCP 0.0.0.0:80',
    ]);
});

test('Get-NetTCPConnection is read as a table and as a list', () => {
  const table = `
LocalAddress                        LocalPort RemoteAddress                       RemotePort State       AppliedSetting OwningProcess
------------                        --------- -------------                       ---------- -----       -------------- -------------
::                                  80        ::                                  0          Listen                     4
0.0.0.0                             8080      0.0.0.0                             0          Listen                     1234
10.0.0.5                            50123     10.0.0.9                            80         Established Internet       4321
`;
  assert.deepEqual(said(table, 80), ['The system process (PID 4), most likely HTTP.sys, listens on TCP [::]:80']);
  assert.deepEqual(said(table, 8080), ['The process with PID 1234 listens on TCP 0.0.0.0:8080']);
  const list = `
LocalAddress   : 0.0.0.0
LocalPort      : 8080
RemoteAddress  : 0.0.0.0
RemotePort     : 0
State          : Listen
AppliedSetting :
OwningProcess  : 1234
CreationTime   : 30.11.2026 20:00:00

LocalAddress   : ::
LocalPort      : 80
RemoteAddress  : ::
RemotePort     : 0
State          : Listen
OwningProcess  : 4
`;
  assert.deepEqual(said(list, 8080), ['The process with PID 1234 listens on TCP 0.0.0.0:8080']);
  assert.deepEqual(said(list, 80), ['The system process (PID 4), most likely HTTP.sys, listens on TCP [::]:80']);
});

test('what cannot be read says why', () => {
  assert.deepEqual(said('', 80), ['unreadable']);
  assert.deepEqual(said('Access is denied.', 80), ['unreadable']);
  assert.deepEqual(said('  TCP    media01:http    media01:0    LISTENING    4', 80), ['names']);
});

test('two processes on one port are two owners', () => {
  const text = `  TCP    10.0.0.5:80    0.0.0.0:0    LISTENING    1240\n  TCP    10.0.0.6:80    0.0.0.0:0    LISTENING    1688`;
  assert.deepEqual(said(text, 80), [
    'The process with PID 1240 listens on TCP 10.0.0.5:80',
    'The process with PID 1688 listens on TCP 10.0.0.6:80',
  ]);
});

test('the next command is for the process that has no name yet', () => {
  const commands = (text: string, port: number) => {
    const held = portHolders(text, port);
    return held.kind === 'owners' ? held.owners.map(nextCommand) : [];
  };
  assert.deepEqual(commands(ENGLISH, 80), ['netsh http show servicestate']);
  assert.deepEqual(commands(ENGLISH, 554), ['tasklist /svc /fi "pid eq 1240"']);
  assert.deepEqual(commands(ENGLISH, 8080), [undefined]);
  const files = '  TCP    10.0.0.5:445    0.0.0.0:0    LISTENING    4';
  assert.deepEqual(said(files, 445), [
    'The system process (PID 4), most likely the file server, listens on TCP 10.0.0.5:445',
  ]);
  assert.deepEqual(commands(files, 445), [undefined]);
});

test('a long text is read in a time that grows with its length', () => {
  const line = '  TCP    10.0.0.5:49152         10.0.0.9:443           ESTABLISHED     2012\n';
  const hostile = `${' '.repeat(2000)}TCP ${'a:'.repeat(2000)}\n${'x'.repeat(4000)}.exe ${'1 '.repeat(2000)}\n`;
  const spentMs = (text: string): number => {
    const from = process.cpuUsage();
    portHolders(text, 80);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };
  spentMs(line.repeat(2000));
  const [short, long] = [spentMs(hostile.repeat(20)), spentMs(hostile.repeat(80))];
  assert.ok(long < 40 * Math.max(short, 5), `four times the length took ${long} ms, not ${short}`);
});

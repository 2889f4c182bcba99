// Who holds a port, by what Windows prints of its sockets: `netstat -a -o -n`, with -b or without,
// in any language, `Get-NetTCPConnection` as a table or a list, and `tasklist` below. Pure.
// https://learn.microsoft.com/windows-server/administration/windows-commands/netstat

/** One end of a socket on the host. */
export interface Socket {
  readonly protocol: 'TCP' | 'UDP';
  /** Without brackets; `0.0.0.0` and `::` for all. */
  readonly address: string;
  readonly port: number;
  /** Nobody is at the other end. */
  readonly isListening: boolean;
  /** As it was printed. */
  readonly state: string;
  /** Missing where it was not asked for. */
  readonly pid: number | undefined;
  readonly program: string | undefined;
}

/** A process, and its sockets on the port. */
export interface Owner {
  readonly pid: number | undefined;
  readonly program: string | undefined;
  /** By the names of `tasklist /svc`. */
  readonly services: string | undefined;
  readonly sockets: readonly Socket[];
}

/** `names`: ports are printed as names; `unreadable`: there is no socket in the text. */
export type PortHolders =
  | { readonly kind: 'owners'; readonly owners: readonly Owner[] }
  | { readonly kind: 'none'; readonly sockets: number }
  | { readonly kind: 'names' | 'unreadable' };

/** The process of the kernel, in which HTTP.sys and the file server listen. */
const SYSTEM_PID = 4;
const FILE_SERVER_PORTS: ReadonlySet<number> = new Set([137, 138, 139, 445]);

const NETSTAT =
  /^(?<protocol>TCP|UDP)(?:v6)?\s+(?<local>\S+):(?<port>[\w-]+)\s+(?<remote>\S+):(?<end>[\w*-]+)(?<rest>.*)$/iu;
const TABLE = /^(?<local>[\da-f:.%]+)\s+(?<port>\d+)\s+(?<remote>[\da-f:.%]+)\s+(?<end>\d+)(?<rest>.*)$/iu;
const PROGRAM = /^\[(?<program>[^\]]+)\]$/u;
const TASK = /^(?<program>\S.*?\.exe)\s+(?<pid>\d+)\s+(?<rest>\S.*)$/iu;
/** The session and the memory of a plain `tasklist`. */
const NO_SERVICES = /^(?:\S+\s+\d+\s+[\d.,\u00a0 ’']+\s?\S{1,2}|N\/A|nicht zutreffend|\d+.*)$/iu;

interface Task {
  readonly program: string;
  readonly services: string | undefined;
}

interface Printed {
  readonly sockets: readonly Socket[];
  readonly tasks: ReadonlyMap<number, Task>;
  /** Lines whose port is a name. */
  readonly named: number;
}

/** Who holds a port by what was printed. Listeners come first. */
export function portHolders(text: string, port: number): PortHolders {
  const { sockets, tasks, named } = readPrinted(text);
  const own = sockets.filter((socket) => socket.port === port);
  if (own.length === 0) {
    if (named > 0) return { kind: 'names' };
    return sockets.length === 0 ? { kind: 'unreadable' } : { kind: 'none', sockets: sockets.length };
  }
  // What was accepted from a listener says nothing more.
  const listeners = own.filter(({ isListening }) => isListening);
  const processes = new Map<string, Socket[]>();
  for (const socket of listeners.length > 0 ? listeners : own) {
    const key = String(socket.pid ?? socket.program ?? '');
    processes.set(key, [...(processes.get(key) ?? []), socket]);
  }
  return { kind: 'owners', owners: [...processes.values()].map((all) => ownerOf(all, tasks)) };
}

function ownerOf(sockets: readonly Socket[], tasks: ReadonlyMap<number, Task>): Owner {
  const pid = sockets[0]?.pid;
  const task = pid === undefined ? undefined : tasks.get(pid);
  const program = sockets.find((socket) => socket.program !== undefined)?.program ?? task?.program;
  return { pid, program, services: task?.services, sockets };
}

function readPrinted(text: string): Printed {
  const sockets: Socket[] = [];
  const tasks = new Map<number, Task>();
  let named = 0;
  for (const line of [...text.split(/\r?\n/u), ...listedSockets(text)].map((one) => one.trim())) {
    const found = NETSTAT.exec(line)?.groups ?? TABLE.exec(line)?.groups;
    const { program } = PROGRAM.exec(line)?.groups ?? {};
    const last = sockets.at(-1);
    if (found !== undefined) {
      const socket = socketOf(found);
      if (socket === undefined) named += 1;
      else sockets.push(socket);
    } else if (program !== undefined && last !== undefined) sockets.splice(-1, 1, { ...last, program });
    else addTask(line, tasks);
  }
  return { sockets, tasks, named };
}

function socketOf(found: Readonly<Record<string, string>>): Socket | undefined {
  const { protocol = 'TCP', local = '', port = '', end = '', rest = '' } = found;
  if (!/^\d+$/u.test(port)) return undefined;
  const words = rest.trim().split(/\s+/u);
  const pid = words.find((word) => /^\d+$/u.test(word));
  return {
    protocol: protocol.toUpperCase() === 'UDP' ? 'UDP' : 'TCP',
    address: local.replaceAll(/[[\]]/gu, ''),
    port: Number(port),
    // The word for it is translated; the other end is not.
    isListening: end === '0' || end === '*',
    state: words.find((word) => word !== pid) ?? '',
    pid: pid === undefined ? undefined : Number(pid),
    program: undefined,
  };
}

function addTask(line: string, tasks: Map<number, Task>): void {
  const { program, pid, rest = '' } = TASK.exec(line)?.groups ?? {};
  if (program === undefined) return;
  tasks.set(Number(pid), { program, services: NO_SERVICES.test(rest) ? undefined : rest });
}

const LISTED = ['LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'State', 'OwningProcess'] as const;

/** `Format-List` of `Get-NetTCPConnection` as lines of its table. */
function listedSockets(text: string): readonly string[] {
  if (!/^\s*LocalPort\s*:/mu.test(text)) return [];
  return text.split(/\r?\n\s*\r?\n/u).flatMap((block) => {
    const values = LISTED.map((name) => new RegExp(String.raw`^\s*${name}\s*:\s*(\S+)`, 'mu').exec(block)?.[1] ?? '');
    return values[1] === '' ? [] : [values.join(' ')];
  });
}

/** An owner in words, with the addresses that it has. */
export function ownerText(owner: Owner): string {
  const { services, sockets } = owner;
  const places = sockets.map(({ protocol, address, port }) => `${protocol} ${addressText(address)}:${port}`);
  const isOpen = sockets.some(({ isListening }) => isListening);
  const how = isOpen ? 'listens on' : `has a connection (${sockets[0]?.state ?? ''}) from`;
  return `${processText(owner)}${services === undefined ? '' : ` with the services ${services}`} ${how} ${places.join(', ')}`;
}

function processText(owner: Owner): string {
  const { pid, program } = owner;
  if (pid === SYSTEM_PID)
    return `The system process (PID 4), most likely ${isFileServer(owner) ? 'the file server' : 'HTTP.sys'},`;
  if (pid === undefined || pid === 0) return program ?? 'A process that is not named';
  return program === undefined ? `The process with PID ${pid}` : `${program} (PID ${pid})`;
}

function isFileServer({ sockets }: Owner): boolean {
  return sockets.some(({ port }) => FILE_SERVER_PORTS.has(port));
}

function addressText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The command that shows more of an owner; undefined where there is none. */
export function nextCommand(owner: Owner): string | undefined {
  const { pid, program } = owner;
  if (pid === SYSTEM_PID) return isFileServer(owner) ? undefined : 'netsh http show servicestate';
  return pid === undefined || pid === 0 || program !== undefined ? undefined : `tasklist /svc /fi "pid eq ${pid}"`;
}

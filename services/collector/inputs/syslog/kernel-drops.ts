// How many datagrams Linux dropped for want of room in a socket's buffer. Source: proc(5), the
// table udp; its last column is `drops`.

/** The drops of the sockets at a port by the text of /proc/net/udp; undefined where it has none. */
export function kernelDrops(table: string, port: number): number | undefined {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let drops: number | undefined;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/u);
    const count = Number(columns.at(-1));
    if (columns[1]?.endsWith(end) === true && Number.isSafeInteger(count)) drops = (drops ?? 0) + count;
  }
  return drops;
}

// The hash by which Kafka's own clients choose the partition of a key (Kafka: Utils.murmur2).

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** The partition of a key among `partitions` of them, as Kafka's own clients choose it. */
export function partitionOfKey(key: Buffer | string, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

function murmur2(data: Buffer): number {
  const { length } = data;
  const tail = length & ~3;
  let h = SEED ^ length;
  for (let at = 0; at < tail; at += 4) {
    const k = Math.imul(data.readInt32LE(at), M);
    h = Math.imul(h, M) ^ Math.imul(k ^ (k >>> R), M);
  }
  if (length > tail) {
    h ^= data.readUIntLE(tail, length - tail);
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

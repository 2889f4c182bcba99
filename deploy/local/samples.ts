// The sample events of the repository, each with a time and a record id of its own at every start.
import { readFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';

/** One sample as it is posted. */
export interface Sample {
  readonly name: string;
  readonly contentType: string;
  readonly body: string;
}

/**
 * The fault, an unrelated event with the same id, and an everyday event. `recordId` marks the
 * events of this start.
 */
export function readSamples(now: Date, recordId: number): readonly Sample[] {
  const read = (name: string): string => readFileSync(packagePath('deploy', 'local', 'samples', name), 'utf8');
  const xml = read('wmserver-309.xml')
    .replace(/SystemTime="[^"]*"/u, `SystemTime="${now.toISOString()}"`)
    .replace(/<EventRecordID>\d+/u, `<EventRecordID>${recordId}`);
  const json = (name: string): string => {
    const document = JSON.parse(read(name)) as { winlog: object };
    return JSON.stringify({
      ...document,
      '@timestamp': now.toISOString(),
      winlog: { ...document.winlog, record_id: recordId },
    });
  };
  return [
    { name: 'event 309 of WMServer (event XML)', contentType: 'application/xml', body: xml },
    {
      name: 'event 309 of another provider, and an everyday event (Winlogbeat)',
      contentType: 'application/x-ndjson',
      body: `${json('other-309.json')}\n${json('service-started.json')}\n`,
    },
  ];
}

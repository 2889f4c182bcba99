// The OpenTelemetry Collector from OTLP to Kafka: the peer of the OTLP input, where
// `npm run agents -- otelcol` has built it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicName } from '../../shared/contracts/topics.ts';
import { findOtelcol, OTELCOL_PROGRAM } from '../agents/otelcol.ts';
import type { Bench } from './corner.ts';
import type { Peer } from './peer.ts';

/** It answers when Kafka has the log records, as the collector does: without a queue of its own. */
export const openTelemetryCollector: Peer = {
  name: 'OpenTelemetry Collector, OTLP to Kafka',
  prepare: (bench, { port, folder }) => {
    if ('missing' in findOtelcol()) return undefined;
    const file = join(folder, 'otelcol.json');
    writeFileSync(file, JSON.stringify(configuration(bench, port)));
    return { command: OTELCOL_PROGRAM, args: ['--config', file] };
  },
};

/** In the encoding `raw` a log record is a record of Kafka. */
function configuration({ settings }: Bench, port: number): object {
  const exporter = {
    brokers: settings.brokers,
    logs: { topic: topicName(settings.topicPrefix, 'raw'), encoding: 'raw' },
    producer: { required_acks: -1 },
    sending_queue: { enabled: false },
  };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { kafka: exporter },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['otlp'], exporters: ['kafka'] } },
    },
  };
}

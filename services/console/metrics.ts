// What the console counts.
import { TLS_METRICS } from '../../shared/http/tls-files.ts';
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

/** The declarations of the metrics. */
export const CONSOLE_METRICS = {
  consoleRequests: {
    name: 'foghorn_console_requests_total',
    kind: 'counter',
    help: 'Requests by route and status.',
    labels: ['route', 'status'],
  },
  consoleRequestSeconds: {
    name: 'foghorn_console_request_seconds',
    kind: 'histogram',
    help: 'How long answers took, without live streams.',
    labels: ['route'],
  },
  consoleCommands: {
    name: 'foghorn_console_commands_total',
    kind: 'counter',
    help: 'Commands given to Kafka, by kind.',
    labels: ['kind'],
  },
  consoleLoginsFailed: {
    name: 'foghorn_console_logins_failed_total',
    kind: 'counter',
    help: 'Log-ins that failed: no_token, wrong_token, wrong_session (over, forged, or its token is gone), wrong_login (on the page), or not_from_slack for a press of a button that Slack did not sign.',
    labels: ['reason'],
  },
  consoleStreams: { name: 'foghorn_console_streams', kind: 'gauge', help: 'Live streams open now.' },
  consoleSkippedRecords: {
    name: 'foghorn_console_skipped_records_total',
    kind: 'counter',
    help: 'Records that were skipped, because they do not follow the schema of their topic or a bug was met with them.',
    labels: ['topic'],
  },
  consoleStreamsCut: {
    name: 'foghorn_console_streams_cut_total',
    kind: 'counter',
    help: 'Live streams ended because their reader was too slow.',
  },
  ...TLS_METRICS,
} as const;

/** The console's metrics. */
export type ConsoleMetrics = Metrics<typeof CONSOLE_METRICS>;

/** Declares them. */
export function declareConsoleMetrics(registry: Registry): ConsoleMetrics {
  return declareMetrics(registry, CONSOLE_METRICS);
}

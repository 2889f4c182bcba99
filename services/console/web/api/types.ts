// What the API answers, by the same schemas that the console checks and documents it with.
import type { z } from 'zod';
import type { RemediationFields } from '../../../../shared/contracts/incident-document.ts';
import type { EntryFields } from '../../../../shared/contracts/activity.ts';
import type { bulkAnswer } from '../../api/bulk-operations.ts';
import type { sessionView } from '../../api/session-operations.ts';
import type { changeAnswer, problem } from '../../api/shapes.ts';
import type { IncidentContext } from '../../read/incident-context.ts';
import type { Notifications } from '../../read/notifications.ts';
import type { BulkProgress } from '../../change/bulk-jobs.ts';
import type { IncidentPage } from '../../read/incident-list.ts';
import type { FailedDelivery } from '../../read/failed-deliveries.ts';
import type { IncidentGroup } from '../../read/incident-groups.ts';
import type { IncidentSummary } from '../../read/incident-summary.ts';
import type { IncidentEvents, RecentEvents } from '../../read/recent-events.ts';
import type { HostView } from '../../read/host.ts';
import type { ActivityEntryView, EventView } from '../../read/entry-views.ts';
import type { IncidentView, SilenceView } from '../../read/views.ts';

export type {
  ActivityEntryView,
  BulkProgress,
  EventView,
  FailedDelivery,
  HostView,
  IncidentContext,
  IncidentEvents,
  IncidentGroup,
  IncidentPage,
  IncidentSummary,
  IncidentView,
  Notifications,
  RecentEvents,
  SilenceView,
};

/** The remedy of an incident. */
export type Remedy = RemediationFields;
/** One thing to do. */
export type Step = Remedy['verification'][number];
/** How bad a fault is. */
export type Severity = Remedy['severity'];

/** `GET /api/v1/incidents/{id}`. */
export interface IncidentDetail {
  readonly incident: IncidentView;
  readonly remediation: Remedy;
  readonly timeline: readonly ActivityEntryView[];
  readonly timelineTotal: number;
  readonly notifications: Notifications;
  readonly now: string;
}

/** The answer to a change. */
export type Change = z.infer<typeof changeAnswer>;
/** The answer to a change of many. */
export type BulkAnswer = z.infer<typeof bulkAnswer>;
/** A page of sources. */
export type { SourcePage, SourceView } from '../../read/sources.ts';
export type { EntryPage } from '../../../../shared/catalog/page-blocks.ts';
/** What could not be served, RFC 9457. */
export type Problem = z.infer<typeof problem>;
/** Who asks. */
export type SessionView = z.infer<typeof sessionView>;
/** An entry of the live stream. */
export type LiveEntry = EntryFields;

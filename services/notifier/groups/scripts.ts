// The scripts of groups, and how long they keep ended groups.
import { defineScript } from '../redis/scripts.ts';

/**
 * How long the episode of a group that is over is known: longer than the notification log keeps its
 * messages.
 */
export const KEEP_MS = 91 * 24 * 60 * 60 * 1000;
/** How long the marks of a group that is over are kept. */
export const KEEP_NOTIFIED_MS = 24 * 60 * 60 * 1000;

/** The parts of the steps of a group's message. */
const GROUP_KEYS = ['complete', 'group', 'members', 'notified', 'unrecorded', 'timers'] as const;

/** See lua/change-group.lua, as for the others. */
export const CHANGE = defineScript('change-group', {
  keys: GROUP_KEYS,
  args: [
    'id',
    'kind',
    'incidentId',
    'description',
    'firstDueMs',
    'intervalMs',
    'now',
    'lookEveryMs',
    'receivedAtMs',
    'revision',
    'isRebuilding',
  ],
});

/** Stages the next message. */
export const STAGE = defineScript('stage-message', {
  keys: GROUP_KEYS,
  args: [
    'id',
    'version',
    'revision',
    'pending',
    'now',
    'retryAtMs',
    'resolvedCount',
    'acknowledgedCount',
    'lastIncidentId',
    'lastNotifiedMs',
    'marks[]',
    'unrecordedIds[]',
    'goneIds[]',
    'oldIds[]',
  ],
});

/** Ends the staging of a message that is in the queue. */
export const CONFIRM_QUEUED = defineScript('confirm-queued', {
  keys: GROUP_KEYS,
  args: ['id', 'pending', 'due', 'changedDueMs', 'keepMs', 'keepNotifiedMs'],
});

/** Sets the next due time of a group without a message. */
export const RESCHEDULE = defineScript('reschedule-group', {
  keys: GROUP_KEYS,
  args: ['id', 'version', 'due', 'now', 'marks[]', 'goneIds[]', 'oldIds[]', 'keepMs', 'keepNotifiedMs'],
});

/** Makes incidents due again that were suppressed just before sending. */
export const REVERT = defineScript('revert-message', {
  keys: ['complete', 'group', 'notified', 'unrecorded', 'timers'],
  args: ['id', 'due', 'isEdit', 'incidentIds[]'],
});

/** Removes incidents whose activity entries are written from the unrecorded ones. */
export const MARK_RECORDED = defineScript('mark-recorded', {
  keys: ['group', 'unrecorded'],
  args: ['episode', 'incidentIds[]'],
});

/** Removes a group. */
export const DROP = defineScript('drop-group', {
  keys: ['group', 'members', 'notified', 'unrecorded', 'timers'],
  args: ['id', 'keepMs'],
});

/** Writes a group as its last message left it. */
export const RESTORE = defineScript('restore-group', {
  keys: ['group', 'members', 'notified', 'timers'],
  args: ['id', 'description', 'episode', 'revision', 'isMessage', 'lastNotifiedMs', 'keepMs', 'marks[]'],
});

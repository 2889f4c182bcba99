// The names of Foghorn's data streams and indices, made from the settings in one place for whoever
// writes or reads them.

/** What the names are made of; part of the section `elasticsearch`. */
export interface NameSettings {
  readonly dataset: string;
  readonly namespace: string;
  readonly incidentIndex: string;
  readonly catalogIndex: string;
  readonly sourceIndex: string;
}

/** Three data streams and three indices. */
export interface IndexNames {
  readonly events: string;
  readonly actions: string;
  readonly deadLetters: string;
  readonly incidents: string;
  readonly catalog: string;
  readonly sources: string;
}

/** The dataset of the activity log. */
export const ACTIONS_DATASET = 'foghorn.actions';

/** The dataset of the dead letters. */
export const DEAD_LETTERS_DATASET = 'foghorn.dead_letters';

/**
 * The names under the settings, e.g. `logs-windows.forwarded.foghorn-default`. Scheme:
 * https://www.elastic.co/docs/reference/ecs/ecs-data_stream.
 */
export function indexNames(settings: NameSettings): IndexNames {
  return {
    events: `logs-${settings.dataset}-${settings.namespace}`,
    actions: `logs-${ACTIONS_DATASET}-${settings.namespace}`,
    deadLetters: `logs-${DEAD_LETTERS_DATASET}-${settings.namespace}`,
    incidents: settings.incidentIndex,
    catalog: settings.catalogIndex,
    sources: settings.sourceIndex,
  };
}

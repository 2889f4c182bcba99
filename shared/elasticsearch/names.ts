// The names of Foghorn's data streams and indices, made from the settings in one place for whoever writes or reads them.

/** What the names are made of; part of the section `elasticsearch`. */
export interface NameSettings {
  readonly dataset: string;
  readonly namespace: string;
  readonly incidentIndex: string;
}

/** Where documents lie: two data streams and an index. */
export interface IndexNames {
  readonly events: string;
  readonly actions: string;
  readonly incidents: string;
}

/** The dataset of the action stream. */
export const ACTIONS_DATASET = 'foghorn.actions';

/** The names under the settings, e.g. `logs-windows.forwarded.foghorn-default`. Scheme: https://www.elastic.co/docs/reference/ecs/ecs-data_stream. */
export function indexNames(settings: NameSettings): IndexNames {
  return {
    events: `logs-${settings.dataset}-${settings.namespace}`,
    actions: `logs-${ACTIONS_DATASET}-${settings.namespace}`,
    incidents: settings.incidentIndex,
  };
}

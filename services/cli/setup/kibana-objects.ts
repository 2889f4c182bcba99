// The shipped saved objects, adapted to the settings: data streams and the console's address.
import type { NameSettings } from '../../../shared/elasticsearch/names.ts';

/**
 * The parts of the shipped objects that depend on the settings. `console` is a console's address;
 * `{incident}` in it stands for the incident's id.
 */
interface Fitting {
  readonly names: Pick<NameSettings, 'dataset' | 'incidentIndex'>;
  readonly console: string;
}

const DEFAULT_INCIDENT_INDEX = 'foghorn-incidents';
const INCIDENT_PATH = '/incidents/{incident}';

/**
 * The lines of the file, one object each, with the data views' patterns and links as `fitting` has
 * them. The other objects stay as they are.
 */
export function fitObjects(file: string, { names, console }: Fitting): string {
  const titles = titlesOf(names);
  const urlTemplate = incidentAddress(console).replaceAll('{incident}', '{{value}}');
  const lines = file.split('\n').filter((line) => line !== '');
  return lines.map((line) => `${fitLine(line, titles, urlTemplate)}\n`).join('');
}

/** The address of an incident: the given one when it has a place for the id, else its page. */
export function incidentAddress(console: string): string {
  return console.includes('{incident}') ? console : `${console.replace(/\/+$/u, '')}${INCIDENT_PATH}`;
}

/** Patterns by the data view's id; those of actions and dead letters are the same everywhere. */
function titlesOf({ dataset, incidentIndex }: Fitting['names']): Readonly<Record<string, string>> {
  const incidents = incidentIndex === DEFAULT_INCIDENT_INDEX ? `${incidentIndex}*` : incidentIndex;
  return {
    'foghorn-events': `logs-${dataset}-*`,
    'foghorn-incidents': incidents,
    'foghorn-incidents-standing': incidents,
  };
}

interface DataView {
  readonly type: string;
  readonly id: string;
  readonly attributes: { readonly title: string; readonly fieldFormatMap: string };
}

interface Format {
  readonly id: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function fitLine(line: string, titles: Readonly<Record<string, string>>, urlTemplate: string): string {
  const object = JSON.parse(line) as DataView;
  if (object.type !== 'index-pattern') return line;
  const { title, fieldFormatMap } = object.attributes;
  const formats = JSON.parse(fieldFormatMap) as Readonly<Record<string, Format>>;
  const fitted = Object.entries(formats).map(([field, { id, params }]) => {
    const own = 'urlTemplate' in params ? { ...params, urlTemplate } : params;
    return [field, { id, params: own }] as const;
  });
  const attributes = {
    ...object.attributes,
    title: titles[object.id] ?? title,
    fieldFormatMap: JSON.stringify(Object.fromEntries(fitted)),
  };
  return JSON.stringify({ ...object, attributes });
}

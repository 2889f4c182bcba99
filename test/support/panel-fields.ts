// Which fields a panel or a list of a dashboard reads, and as what: to be held against the mapping.
import {
  type Bucket,
  type Condition,
  type List,
  type Measure,
  type Panel,
  type View,
  VIEWS,
} from '../../deploy/dashboards/kibana/panel.ts';

/** A field that a panel reads, and as what. */
export interface FieldUse {
  readonly field: string;
  readonly use: 'terms' | 'date' | 'number' | 'any' | 'shown';
}

/** Every field that a panel reads. */
export function fieldsOf(panel: Panel): readonly FieldUse[] {
  const view: View = VIEWS[panel.view];
  return [
    ...(view.time === undefined ? [] : [{ field: view.time, use: 'date' } as const]),
    ...fieldsOfConditions(panel.where),
    ...panel.buckets.flatMap(fieldsOfBucket),
    ...panel.measures.flatMap(fieldsOfMeasure),
  ];
}

/** Every field that a list reads. */
export function fieldsOfList({ view, where, columns, sort }: List): readonly FieldUse[] {
  const { time }: View = VIEWS[view];
  return [
    ...(time === undefined ? [] : [{ field: time, use: 'date' } as const]),
    ...fieldsOfConditions(where),
    ...columns.map((field) => ({ field, use: 'shown' }) as const),
    { field: sort[0], use: 'date' },
  ];
}

function fieldsOfConditions(conditions: readonly Condition[]): readonly FieldUse[] {
  return conditions.map((condition) => ({
    field: condition.field,
    use: 'before' in condition ? 'date' : 'atLeast' in condition ? 'number' : 'any',
  }));
}

function fieldsOfBucket(bucket: Bucket): readonly FieldUse[] {
  if (bucket.kind === 'filters') return bucket.filters.flatMap(({ where }) => fieldsOfConditions(where));
  return [{ field: bucket.field, use: bucket.kind === 'time' ? 'date' : 'terms' }];
}

function fieldsOfMeasure(measure: Measure): readonly FieldUse[] {
  const own = measure.kind === 'count' ? [] : [{ field: measure.field, use: useOf(measure) }];
  return [...fieldsOfConditions(measure.where ?? []), ...own];
}

function useOf(measure: Exclude<Measure, { readonly kind: 'count' }>): FieldUse['use'] {
  if (measure.kind === 'percentile') return 'number';
  if (measure.kind === 'unique') return 'terms';
  return measure.isDate === true ? 'date' : 'number';
}

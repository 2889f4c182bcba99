// A dashboard as a picture for the documentation: its layout, and in each panel what its own query
// answered.
import { shortTitle } from '../../deploy/dashboards/kibana/dashboard-object.ts';
import { type Box, drawRows } from './draw-table.ts';
import { cut, escape, text } from './draw-text.ts';
import {
  AGE_FIELDS,
  colorsOf,
  type Dashboard,
  FIELD_LABELS,
  LINK_FIELDS,
  type List,
  type Measure,
  type Panel,
} from '../../deploy/dashboards/kibana/panel.ts';
import type { Range, Row } from './query.ts';

const COLUMN = 25;
const ROW = 20;
const COLUMNS = 48;
const PALETTE = ['#0b64dd', '#16c5c0', '#f04e98', '#ffc20a', '#bf5621', '#6a9f00', '#8b5cf6', '#64748b'];
/** The room left of a chart for its scale, and right of it for what its colours mean. */
const AXIS = 44;
const LEGEND = 156;
const LINK = '#0b64dd';
/** Of a time below a chart, with the gap behind it. */
const TIME_WIDTH = 84;
const DAY_MS = 86_400_000;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u;

/**
 * What the queries of a dashboard answered, asked for in `range`: rows by the panel's id, and the
 * first rows of its lists by theirs.
 */
export interface Answers {
  readonly range: Range;
  readonly panels: ReadonlyMap<string, readonly Row[]>;
  readonly lists: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/**
 * The picture as SVG: 1,200 pixels wide, as high as the dashboard. `all` are the dashboards that it
 * links to.
 */
export function drawDashboard(
  { title, panels, lists }: Dashboard,
  all: readonly Dashboard[],
  answers: Answers,
): string {
  const height = Math.max(...[...panels, ...lists].map(({ place }) => place.y + place.h)) * ROW + 10;
  const width = COLUMNS * COLUMN;
  const { range } = answers;
  const bodies = [
    ...panels.map((panel) => drawPanel(panel, answers.panels.get(panel.id) ?? [], range)),
    ...lists.map((list) => drawList(list, answers.lists.get(list.id) ?? [], range.toMs)),
  ];
  const links = [...all.map((dashboard) => shortTitle(dashboard.title)), 'The vendor’s article on event 309'];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif">` +
    `<rect width="${width}" height="${height}" fill="#f1f4fa"/><text x="14" y="34" font-size="22" font-weight="bold" fill="#1d2a3e">${escape(title)}</text>` +
    text(14, 62, links.join('  ·  '), { size: 13, fill: LINK }) +
    `${bodies.join('')}</svg>\n`
  );
}

function drawPanel(panel: Panel, rows: readonly Row[], range: Range): string {
  return frame(panel, (box) => BODIES[panel.shape]({ panel, rows, range, box }));
}

function drawList(list: List, rows: readonly (readonly string[])[], nowMs: number): string {
  const columns = list.columns.map((field) => ({
    head: FIELD_LABELS[field] ?? field,
    isLink: LINK_FIELDS.includes(field),
  }));
  const texts = rows.map((row) =>
    row.map((value, at) => {
      const field = list.columns[at] ?? '';
      return linkText(field, value).replace(TIME, (time) => timeText(field, Date.parse(time), nowMs));
    }),
  );
  return frame(list, (box) => drawRows(columns, texts, box));
}

function timeText(field: string, timeMs: number, nowMs: number): string {
  return AGE_FIELDS.includes(field) ? `${duration(nowMs - timeMs)} ago` : shortTime(timeMs);
}

/** What a link says instead of its value. */
function linkText(field: string, value: string): string {
  if (value === '' || !LINK_FIELDS.includes(field)) return value;
  return field === 'foghorn.incident.id' ? 'in the console' : 'the vendor’s article';
}

/** The panel's frame and title around what is drawn inside. */
function frame({ place, title }: Pick<Panel, 'place' | 'title'>, draw: (inner: Box) => string): string {
  const box = { x: place.x * COLUMN + 4, y: place.y * ROW + 4, w: place.w * COLUMN - 8, h: place.h * ROW - 8 };
  const inner = { x: box.x + 12, y: box.y + 34, w: box.w - 24, h: box.h - 44 };
  return (
    `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="5" fill="#fff" stroke="#d3dae6"/>` +
    `${text(box.x + 12, box.y + 22, title, { size: 14, weight: 'bold' })}${draw(inner)}`
  );
}

/** What a body is drawn of. */
interface Body {
  readonly panel: Panel;
  readonly rows: readonly Row[];
  readonly range: Range;
  readonly box: Box;
}

const BODIES: Readonly<Record<Panel['shape'], (body: Body) => string>> = {
  number: drawNumber,
  table: drawTable,
  bars: drawBars,
  lines: drawLines,
};

function drawNumber({ panel: { measures }, rows, range: { toMs }, box: { x, y, w, h } }: Body): string {
  const [first, second] = rows[0]?.values ?? [];
  const large = text(x + w, y + h - 24, show(measures[0], first), { size: 34, weight: 'bold', anchor: 'end' });
  const under =
    measures[1] === undefined ? measures[0].label : `${measures[1].label} ${show(measures[1], second, toMs)}`;
  return large + text(x + w, y + h - 2, under, { size: 12, anchor: 'end', fill: '#57606f' });
}

function drawTable({ panel: { buckets, measures }, rows, box }: Body): string {
  const fields = buckets.map((bucket) => (bucket.kind === 'filters' ? '' : bucket.field));
  const heads = [
    ...buckets.map((bucket) => ('label' in bucket ? bucket.label : 'time')),
    ...measures.map(({ label }) => label),
  ];
  const columns = heads.map((head, at) => ({ head, isLink: LINK_FIELDS.includes(fields[at] ?? '') }));
  const texts = rows.map(({ names, values }) => [
    ...names.map((name, at) => linkText(fields[at] ?? '', String(name))),
    ...values.map((value, index) => show(measures[index] as Measure, value)),
  ]);
  return drawRows(columns, texts, box);
}

function drawBars({ panel, rows, range, box }: Body): string {
  const times = timesOf(panel, rows, range);
  const series = [...new Set(rows.map(({ names }) => String(names[0])))];
  const sumAt = (time: number): number =>
    rows.filter(({ names }) => Number(names[1]) === time).reduce((sum, row) => sum + Number(row.values[0] ?? 0), 0);
  const most = Math.max(1, ...times.map(sumAt));
  const plot = plotOf(box);
  const step = plot.w / Math.max(1, times.length);
  const bars = times.flatMap((time, place) => {
    let floor = plot.y + plot.h;
    return rows
      .filter(({ names }) => Number(names[1]) === time)
      .map(({ names, values }) => {
        const height = (Number(values[0] ?? 0) / most) * plot.h;
        floor -= height;
        const fill = colorOf(panel, series, String(names[0]));
        return `<rect x="${(plot.x + place * step + step * 0.1).toFixed(1)}" y="${floor.toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}" fill="${fill}"/>`;
      });
  });
  const legends = series.map((name) => [name, colorOf(panel, series, name)] as const);
  return (
    axes(
      plot,
      times,
      stepsTo(most).map((value) => [value / most, String(value)]),
    ) +
    bars.join('') +
    legend(box, legends)
  );
}

function drawLines({ panel, rows, range, box }: Body): string {
  const { measures } = panel;
  const times = timesOf(panel, rows, range);
  const most = Math.max(1, ...rows.flatMap(({ values }) => values.map((value) => Number(value ?? 0))));
  const plot = plotOf(box);
  const step = plot.w / Math.max(1, times.length);
  const lines = measures.map((_, index) => {
    const points = rows.flatMap(({ names, values }) => {
      const place = times.indexOf(Number(names[0]));
      const value = values[index];
      if (value === undefined) return [];
      return [
        `${(plot.x + (place + 0.5) * step).toFixed(1)},${(plot.y + plot.h - (Number(value) / most) * plot.h).toFixed(1)}`,
      ];
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${PALETTE[index] ?? '#888'}" stroke-width="2.5"/>`;
  });
  const steps = stepsTo(most).map((value) => [value / most, show(measures[0], value)] as const);
  const legends = measures.map(({ label }, index) => [label, PALETTE[index] ?? '#888'] as const);
  return axes(plot, times, steps) + lines.join('') + legend(box, legends);
}

/** The colour that the dashboards give a value, else one of the palette by its place. */
function colorOf({ buckets: [split] }: Panel, series: readonly string[], name: string): string {
  return colorsOf(split)?.[name] ?? PALETTE[series.indexOf(name) % PALETTE.length] ?? '#888';
}

/** Round numbers from 0 up to at most `most`, some four of them. */
function stepsTo(most: number): readonly number[] {
  const rough = most / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * unit).find((each) => each >= rough) ?? most);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

/**
 * Every step of the range, empty ones too, and whatever lies outside of it; of bars with a width of
 * their own those that were found.
 */
function timesOf({ buckets }: Panel, rows: readonly Row[], { fromMs, toMs, stepMs }: Range): readonly number[] {
  const x = buckets.at(-1);
  const hasOwnWidth = x?.kind === 'time' && x.every !== undefined;
  const count = hasOwnWidth ? 0 : Math.ceil((toMs - fromMs) / stepMs);
  const steps = Array.from({ length: count }, (_, index) => fromMs + index * stepMs);
  const found = rows.map(({ names }) => Number(names.at(-1)));
  return [...new Set([...steps, ...found])].toSorted((left, right) => left - right);
}

function plotOf({ x, y, w, h }: Box): Box {
  return { x: x + AXIS, y, w: w - AXIS - LEGEND - 16, h: h - 18 };
}

/** Steps by their share of the height, and times below; of a long range days. */
function axes({ x, y, w, h }: Box, times: readonly number[], steps: readonly (readonly [number, string])[]): string {
  const small = { size: 11, fill: '#57606f' };
  const line = `<path d="M${x} ${y}V${y + h}H${x + w}" fill="none" stroke="#aab4c4"/>`;
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const isLong = last - first > DAY_MS;
  const every = Math.max(1, Math.ceil((times.length * TIME_WIDTH) / w));
  const marks = steps.map(([share, label]) => {
    const at = y + h - share * h;
    return `<path d="M${x} ${at.toFixed(1)}h${w}" stroke="#e6ebf2"/>${text(x - 4, at + 4, label, { ...small, anchor: 'end' })}`;
  });
  const labels = times.map((time, place) => {
    if (place % every !== 0) return '';
    const label = isLong ? shortTime(time) : shortTime(time).slice(6);
    return text(x + (place * w) / times.length, y + h + 14, label, small);
  });
  return marks.join('') + line + labels.join('');
}

function legend({ x, y, w }: Box, names: readonly (readonly [name: string, fill: string])[]): string {
  return names
    .map(([name, fill], index) => {
      const top = y + 4 + index * 18;
      return `<rect x="${x + w - LEGEND}" y="${top}" width="10" height="10" fill="${fill}"/>${text(x + w - LEGEND + 16, top + 9, cut(name, 22), { size: 12 })}`;
    })
    .join('');
}

/** A value as Kibana would write it. */
function show(measure: Measure, value: string | number | undefined, nowMs = 0): string {
  if (value === undefined) return '–';
  if (measure.kind !== 'count' && 'isDate' in measure && measure.isDate)
    return timeText(measure.field, Number(value), nowMs);
  if (measure.kind === 'percentile' && measure.isDuration === true) return duration(Number(value));
  return typeof value === 'number' ? String(Math.round(value)) : value;
}

function shortTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(5, 16).replace('T', ' ');
}

function duration(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`;
  const minutes = milliseconds / 60_000;
  if (milliseconds > 2 * DAY_MS) return `${Math.round(milliseconds / DAY_MS)} days`;
  if (minutes < 2) return `${Math.round(milliseconds / 1000)} s`;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

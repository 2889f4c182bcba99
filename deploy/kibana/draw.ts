// A dashboard as a picture for the documentation: its layout, and in each panel what its own query answered.
import type { Dashboard, Measure, Panel } from './panel.ts';
import type { Range, Row } from './query.ts';

const COLUMN = 25;
const ROW = 20;
const COLUMNS = 48;
const COLORS = ['#0b64dd', '#16c5c0', '#f04e98', '#ffc20a', '#bf5621', '#6a9f00', '#8b5cf6', '#64748b'];
const MAX_TABLE_ROWS = 12;

/** The picture as SVG: 1,200 pixels wide, as high as the dashboard. `rows` by the panel's id, asked for in `range`. */
export function drawDashboard(
  { title, panels }: Dashboard,
  rows: ReadonlyMap<string, readonly Row[]>,
  range: Range,
): string {
  const height = Math.max(...panels.map(({ place }) => place.y + place.h)) * ROW + 10;
  const width = COLUMNS * COLUMN;
  const bodies = panels.map((panel) => drawPanel(panel, rows.get(panel.id) ?? [], range));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif">` +
    `<rect width="${width}" height="${height}" fill="#f1f4fa"/><text x="14" y="48" font-size="24" font-weight="bold" fill="#1d2a3e">${escape(title)}</text>` +
    `${bodies.join('')}</svg>\n`
  );
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function drawPanel(panel: Panel, rows: readonly Row[], range: Range): string {
  const { place } = panel;
  const box = { x: place.x * COLUMN + 4, y: place.y * ROW + 4, w: place.w * COLUMN - 8, h: place.h * ROW - 8 };
  const inner = { x: box.x + 12, y: box.y + 34, w: box.w - 24, h: box.h - 44 };
  const body = BODIES[panel.shape]({ panel, rows, range, box: inner });
  return (
    `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="5" fill="#fff" stroke="#d3dae6"/>` +
    `${text(box.x + 12, box.y + 22, panel.title, { size: 14, weight: 'bold' })}${body}`
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

function drawNumber({ panel: { measures }, rows, box: { x, y, w, h } }: Body): string {
  const [first, second] = rows[0]?.values ?? [];
  const large = text(x + w, y + h - 24, show(measures[0], first), { size: 34, weight: 'bold', anchor: 'end' });
  const under = measures[1] === undefined ? measures[0].label : `${measures[1].label} ${show(measures[1], second)}`;
  return large + text(x + w, y + h - 2, under, { size: 12, anchor: 'end', fill: '#57606f' });
}

function drawTable({ panel: { buckets, measures }, rows, box: { x, y, w, h } }: Body): string {
  const heads = [
    ...buckets.map((bucket) => ('label' in bucket ? bucket.label : 'time')),
    ...measures.map(({ label }) => label),
  ];
  // Names are long and numbers short.
  const shares = heads.map((_, index) => (index < buckets.length ? 2.2 : 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const starts = shares.map(
    (_, index) => x + (w * shares.slice(0, index).reduce((sum, share) => sum + share, 0)) / whole,
  );
  const fits = Math.min(MAX_TABLE_ROWS, Math.floor((h - 18) / 18));
  const cell = (value: string, index: number, line: number): string => {
    const characters = Math.floor(((w * (shares[index] ?? 1)) / whole - 8) / 7);
    return text(starts[index] ?? x, y + 12 + line * 18, cut(value, characters), {
      size: 12,
      weight: line === 0 ? 'bold' : 'normal',
    });
  };
  const lines = rows.slice(0, fits).map(({ names, values }, line) => {
    const texts = [...names.map(String), ...values.map((value, index) => show(measures[index] as Measure, value))];
    return texts.map((value, index) => cell(value, index, line + 1)).join('');
  });
  return heads.map((head, index) => cell(head, index, 0)).join('') + lines.join('');
}

function drawBars({ rows, range, box }: Body): string {
  const times = timesOf(rows, range);
  const series = [...new Set(rows.flatMap(({ names }) => (names[1] === undefined ? [] : [String(names[1])])))];
  const sumAt = (time: number): number =>
    rows.filter(({ names }) => Number(names[0]) === time).reduce((sum, row) => sum + Number(row.values[0] ?? 0), 0);
  const most = Math.max(1, ...times.map(sumAt));
  const plot = plotOf(box);
  const step = plot.w / Math.max(1, times.length);
  const bars = times.flatMap((time, place) => {
    let floor = plot.y + plot.h;
    return rows
      .filter(({ names }) => Number(names[0]) === time)
      .map(({ names, values }) => {
        const height = (Number(values[0] ?? 0) / most) * plot.h;
        floor -= height;
        const fill = COLORS[series.indexOf(String(names[1])) % COLORS.length] ?? '#888';
        return `<rect x="${(plot.x + place * step + step * 0.1).toFixed(1)}" y="${floor.toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}" fill="${fill}"/>`;
      });
  });
  return bars.join('') + axes(plot, times, String(most)) + legend(box, series);
}

function drawLines({ panel: { measures }, rows, range, box }: Body): string {
  const times = timesOf(rows, range);
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
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${COLORS[index] ?? '#888'}" stroke-width="2.5"/>`;
  });
  return (
    lines.join('') +
    axes(plot, times, String(Math.round(most))) +
    legend(
      box,
      measures.map(({ label }) => label),
    )
  );
}

/** Every step of the range, empty ones too, and whatever lies outside of it. */
function timesOf(rows: readonly Row[], { fromMs, toMs, stepMs }: Range): readonly number[] {
  const steps = Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);
  const found = rows.map(({ names }) => Number(names[0]));
  return [...new Set([...steps, ...found])].toSorted((left, right) => left - right);
}

function plotOf({ x, y, w, h }: Box): Box {
  return { x: x + 34, y, w: w - 34 - 150, h: h - 18 };
}

function axes({ x, y, w, h }: Box, times: readonly number[], most: string): string {
  const small = { size: 11, fill: '#57606f' };
  const line = `<path d="M${x} ${y}V${y + h}H${x + w}" fill="none" stroke="#aab4c4"/>`;
  const ends = [times[0], times.at(-1)]
    .filter((time) => time !== undefined)
    .map((time) => new Date(time).toISOString().slice(11, 16));
  return (
    line +
    text(x - 4, y + 10, most, { ...small, anchor: 'end' }) +
    text(x - 4, y + h, '0', { ...small, anchor: 'end' }) +
    text(x, y + h + 14, ends[0] ?? '', small) +
    text(x + w, y + h + 14, ends[1] ?? '', { ...small, anchor: 'end' })
  );
}

function legend({ x, y, w }: Box, names: readonly string[]): string {
  return names
    .map((name, index) => {
      const fill = COLORS[index % COLORS.length] ?? '#888';
      const top = y + 4 + index * 18;
      return `<rect x="${x + w - 140}" y="${top}" width="10" height="10" fill="${fill}"/>${text(x + w - 124, top + 9, cut(name, 20), { size: 12 })}`;
    })
    .join('');
}

/** A value as Kibana would write it. */
function show(measure: Measure, value: string | number | undefined): string {
  if (value === undefined) return '–';
  if (measure.kind !== 'count' && 'isDate' in measure && measure.isDate)
    return new Date(Number(value)).toISOString().slice(5, 16).replace('T', ' ');
  if (measure.kind === 'percentile' && measure.isDuration === true) return duration(Number(value));
  return typeof value === 'number' ? String(Math.round(value)) : value;
}

function duration(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

interface Style {
  readonly size: number;
  readonly weight?: 'bold' | 'normal';
  readonly anchor?: 'start' | 'end';
  readonly fill?: string;
}

function text(
  x: number,
  y: number,
  value: string,
  { size, weight = 'normal', anchor = 'start', fill = '#1d2a3e' }: Style,
): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}">${escape(value)}</text>`;
}

function cut(value: string, characters: number): string {
  return value.length <= characters ? value : `${value.slice(0, Math.max(1, characters - 1))}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(value: string): string {
  return value.replaceAll(/[&<>"]/gu, (character) => ENTITIES[character] ?? character);
}

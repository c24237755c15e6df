/**
 * What grew, as rows of plain text for every rendering, and as a terminal shows them. Nothing is
 * computed but the unit.
 */
import type { Attribution, FrameGrowth, Growth } from '../model/attribution.ts';
import type { MetricUnit } from '../model/metric.ts';
import { type Cell, layoutTable, wrap } from './layout.ts';
import { chooseUnit, formatIn } from './number.ts';
import type { Paint } from './style.ts';

/** One profiled quantity. */
export interface GrowthTable {
  /** `CPU time, µs a request`. */
  readonly title: string;
  /** Empty if no function grew beyond chance. */
  readonly rows: readonly GrowthRow[];
  /** All functions together. */
  readonly total: Omit<GrowthRow, 'name' | 'place'>;
}

export interface GrowthRow {
  readonly name: string;
  /** File and line; empty where no file is concerned. */
  readonly place: string;
  readonly reference: string;
  readonly candidate: string;
  /** With its sign. */
  readonly growth: string;
}

/** The tables of an attribution: CPU time, then allocations. */
export function growthTables({ cpu, heap }: Attribution): readonly GrowthTable[] {
  return [growthTable('CPU time', 'us', cpu), growthTable('allocated', 'bytes', heap)];
}

function growthTable(what: string, metricUnit: MetricUnit, growth: Growth): GrowthTable {
  // Of the largest line: in the unit of the sum most lines would be 0.0something.
  const unit = chooseUnit(metricUnit, [growth.frames[0]?.growth ?? growth.reference]);
  const figures = (reference: number, candidate: number): GrowthTable['total'] => ({
    reference: formatIn(unit, reference),
    candidate: formatIn(unit, candidate),
    growth: `${candidate < reference ? '' : '+'}${formatIn(unit, candidate - reference)}`,
  });
  return {
    title: `${what}, ${unit.label} a request`,
    rows: growth.frames.map((frame) => ({
      name: frame.name,
      place: placeOf(frame),
      ...figures(frame.reference, frame.candidate),
    })),
    total: figures(growth.reference, growth.candidate),
  };
}

function placeOf({ file, line }: FrameGrowth): string {
  if (file === null) return '';
  return line === null ? file : `${file}:${line}`;
}

/** What is said instead of rows. */
export const NOTHING_GREW = 'no function grew beyond what processes of one side differ by';

const NOTE = 'profiled after the measurement; the profiles are in the report folder';
/** Beside the three columns of figures. */
const FIGURES_WIDTH = 34;

/** The tables as lines of a terminal. */
export function growthLines(
  attribution: Attribution,
  canvas: { readonly width: number; readonly paint: Paint },
): string[] {
  const { paint, width } = canvas;
  const tables = growthTables(attribution).flatMap((table) => [
    ...growthTableLines(table, canvas),
    '',
  ]);
  return [...tables.slice(0, -1), ...wrap(NOTE, width, '  ').map((line) => paint('dim', line))];
}

function growthTableLines(
  { title, rows, total }: GrowthTable,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  if (rows.length === 0) return wrap(`${title}: ${NOTHING_GREW}`, width, '  ');
  const room = width - FIGURES_WIDTH;
  const figures = ({ reference, candidate, growth }: GrowthTable['total']): Cell[] => [
    { text: reference },
    { text: candidate },
    { text: growth },
  ];
  const head = [`  what grew: ${title}`, 'reference', 'candidate', 'growth'];
  return layoutTable(
    [{ align: 'left' }, { align: 'right' }, { align: 'right' }, { align: 'right' }],
    [
      head.map((text): Cell => ({ text, style: 'dim' })),
      ...rows.map((row): Cell[] => [{ text: `  ${shorten(row, room)}` }, ...figures(row)]),
      [{ text: '  all functions' }, ...figures(total)].map((cell) => ({ ...cell, style: 'dim' })),
    ],
    { width, paint },
  );
}

/** Name and place in so many columns: of a name the beginning tells most, of a place the end. */
function shorten({ name, place }: GrowthRow, columns: number): string {
  const nameRoom = Math.max(columns - place.length - 2, Math.floor(columns / 2));
  const short = name.length <= nameRoom ? name : `${name.slice(0, nameRoom - 1)}…`;
  if (place === '') return short;
  const room = columns - short.length - 2;
  return `${short}  ${place.length <= room ? place : `…${place.slice(1 - room)}`}`;
}

/**
 * A report as GitHub's workflow commands, which annotate a run: what regressed or was missed as errors,
 * what is undecided or doubted as warnings, else a notice. GitHub shows ten of a kind in a step; the
 * rest is counted in the last of them.
 */
import type { ReportDocument } from '../model/report.ts';
import { candidateComparisons, judgedText } from './judged-rows.ts';
import { formatQuantity } from './number.ts';
import { verdictSentence } from './sentence.ts';

type Level = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly message: string;
}

const MOST_OF_A_KIND = 10;

/** A line each. */
export function renderAnnotations(report: ReportDocument): string {
  const all: Annotation[] = [
    ...candidateComparisons(report).flatMap(({ candidate, comparison }): Annotation[] => {
      const { verdict, metric, scenario } = comparison;
      if (verdict !== 'regressed' && verdict !== 'inconclusive') return [];
      const level = verdict === 'regressed' ? 'error' : 'warning';
      const title = `hopmark: ${metric} of ${candidate} in ${scenario}`;
      return [{ level, title, message: judgedText(comparison) }];
    }),
    ...report.targets.flatMap(
      ({ name, scenario, verdict, observed, unit, limit }): Annotation[] => {
        if (verdict !== 'missed' || observed === null) return [];
        const message = `${formatQuantity(unit, observed)}, limit ${formatQuantity(unit, limit)}`;
        return [
          { level: 'error', title: `hopmark: target ${name} missed in ${scenario}`, message },
        ];
      },
    ),
    ...report.validity.warnings.map(({ message }): Annotation => {
      return { level: 'warning', title: 'hopmark: doubt', message };
    }),
    { level: 'notice', title: 'hopmark', message: verdictSentence(report) },
  ];
  const lines = [...Map.groupBy(all, ({ level }) => level).values()].flatMap(bounded).map(lineOf);
  return `${lines.join('\n')}\n`;
}

function bounded(ofAKind: readonly Annotation[]): readonly Annotation[] {
  const [first] = ofAKind;
  if (first === undefined || ofAKind.length <= MOST_OF_A_KIND) return ofAKind;
  const shown = ofAKind.slice(0, MOST_OF_A_KIND - 1);
  const message = `${ofAKind.length - shown.length} more are in the report.`;
  return [...shown, { level: first.level, title: 'hopmark', message }];
}

function lineOf({ level, title, message }: Annotation): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;
}

/** As GitHub's toolkit has it: what would end a command, or begin another. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

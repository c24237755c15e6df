/**
 * A report as JUnit XML, as CI servers read it: a suite a scenario, a test case a threshold or target.
 * What regressed or was missed failed; what could not be decided is an error, since nobody knows. After
 * the schema of Apache Ant's junitreport task in the form that Jenkins publishes (`junit-10.xsd`).
 */
import type { ReportDocument, TargetResult } from '../model/report.ts';
import { type CandidateComparison, candidateComparisons, judgedText } from './judged-rows.ts';
import { formatQuantity } from './number.ts';
import { verdictSentence } from './sentence.ts';

interface TestCase {
  readonly scenario: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'error';
  readonly message: string;
}

/** The whole file. */
export function renderJunit(report: ReportDocument): string {
  const cases = [
    ...candidateComparisons(report)
      .filter(({ comparison }) => comparison.verdict !== null)
      .map((row) => caseOfComparison(row, report)),
    ...report.targets.map(caseOfTarget),
  ];
  const all = cases.length > 0 ? cases : [caseOfRun(report)];
  const seconds = (report.run.durationMs / 1000).toFixed(3);
  const suites = [...Map.groupBy(all, ({ scenario }) => scenario)].flatMap(([scenario, own]) => [
    `  <testsuite name="${escapeXml(scenario)}" ${countsOf(own)} time="${seconds}" timestamp="${report.run.startedAt.slice(0, 19)}">`,
    ...own.map(xmlOf),
    '  </testsuite>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="hopmark" ${countsOf(all)} time="${seconds}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function countsOf(cases: readonly TestCase[]): string {
  const count = (outcome: TestCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${count('failed')}" errors="${count('error')}"`;
}

function xmlOf({ scenario, name, outcome, message }: TestCase): string {
  const head = `    <testcase classname="${escapeXml(scenario)}" name="${escapeXml(name)}"`;
  if (outcome === 'passed') {
    return `${head}><system-out>${escapeXml(message)}</system-out></testcase>`;
  }
  const [tag, type] = outcome === 'failed' ? ['failure', 'regressed'] : ['error', 'inconclusive'];
  return `${head}><${tag} type="${type}" message="${escapeXml(message)}"/></testcase>`;
}

function caseOfComparison(
  { candidate, comparison }: CandidateComparison,
  { ranking }: ReportDocument,
): TestCase {
  const { scenario, metric, verdict } = comparison;
  return {
    scenario,
    name: ranking === undefined ? metric : `${candidate}: ${metric}`,
    outcome: verdict === 'regressed' ? 'failed' : verdict === 'inconclusive' ? 'error' : 'passed',
    message: judgedText(comparison),
  };
}

function caseOfTarget({ name, scenario, unit, limit, observed, verdict }: TargetResult): TestCase {
  const found = observed === null ? 'not measured' : formatQuantity(unit, observed);
  return {
    scenario,
    name: `target ${name}`,
    outcome: verdict === 'met' ? 'passed' : verdict === 'missed' ? 'failed' : 'error',
    message: `${verdict}: ${found}, limit ${formatQuantity(unit, limit)}`,
  };
}

/** Of a run in which nothing is judged, as a ranking: whether it is whole. */
function caseOfRun(report: ReportDocument): TestCase {
  const { valid, complete } = report.validity;
  return {
    scenario: report.scenarios[0]?.name ?? 'run',
    name: 'complete and valid',
    outcome: valid && complete ? 'passed' : 'error',
    message: verdictSentence(report),
  };
}

/** Text or an attribute's value; what XML 1.0 cannot hold (section 2.2) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (control) => `&#${control.charCodeAt(0)};`);
}

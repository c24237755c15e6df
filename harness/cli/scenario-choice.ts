/**
 * What a user names after `--scenario`: one traffic scenario, or any number of component scenarios
 * with commas between them, or all of those as `components`.
 */
import { nearestNames } from '../../impls/registry-names.ts';
import { type ComponentScenario, caseHash, caseScenario } from '../model/component.ts';
import { HopmarkError } from '../model/error.ts';
import { type Scenario, scenarioHash } from '../model/scenario.ts';
import { COMPONENT_SCENARIOS } from '../scenarios/components/index.ts';
import { findScenario, SCENARIO_NAMES, SCENARIOS } from '../scenarios/scenarios.ts';

/** What is measured in one run. */
export type ScenarioChoice =
  | { readonly kind: 'traffic'; readonly scenario: Scenario }
  | { readonly kind: 'components'; readonly scenarios: readonly ComponentScenario[] };

/** All component scenarios at once. */
export const ALL_COMPONENTS = 'components';

/** For help texts: what `--scenario` takes. */
export const SCENARIO_HELP: string = `what is sent: a traffic scenario, a path to one, or component scenarios, with commas between them (${ALL_COMPONENTS} for all); "hopmark bench --list" names them`;

/** The same where there is traffic alone. */
export const TRAFFIC_HELP =
  'what is sent: a traffic scenario ("hopmark bench --list" names them), or a path to one';

/**
 * Finds what is named. Rejects with a user's HopmarkError: `scenario-unknown`, `several-scenarios`
 * where traffic is named together with anything else, or as {@link findScenario} does.
 */
export async function chooseScenario(text: string): Promise<ScenarioChoice> {
  const names = text.split(',').map((name) => name.trim());
  const components = new Set(names.flatMap(componentsNamed));
  if (components.size === 0 && names.length === 1) {
    return { kind: 'traffic', scenario: await findTraffic(text) };
  }
  const others = names.filter((name) => componentsNamed(name).length === 0);
  if (others.length === 0) return { kind: 'components', scenarios: [...components] };
  const unknown = others.find((name) => !isTraffic(name));
  if (unknown !== undefined) throw unknownScenario(unknown);
  const message = `${names.join(' and ')} cannot be measured in one run`;
  throw new HopmarkError('user', 'several-scenarios', message, {
    remedy: 'A run has one traffic scenario, or component scenarios: make a run of each.',
  });
}

/** The hashes of all that is measured, by the names that reports give it. */
export function scenarioHashes(choice: ScenarioChoice): Readonly<Record<string, string>> {
  return Object.fromEntries(references(choice).map(({ name, hash }) => [name, hash]));
}

/** All that is measured, as reports name it. */
export function references(
  choice: ScenarioChoice,
): readonly { readonly name: string; readonly title: string; readonly hash: string }[] {
  if (choice.kind === 'traffic') {
    const { name, title } = choice.scenario;
    return [{ name, title, hash: scenarioHash(choice.scenario) }];
  }
  return choice.scenarios.flatMap((scenario) =>
    scenario.cases.map((one) => ({
      name: caseScenario(scenario, one),
      title: `${scenario.title}: ${one.title}`,
      hash: caseHash(scenario, one),
    })),
  );
}

/** Every scenario by kind, for people. */
export function listScenarios(): string {
  const traffic = [...SCENARIOS.values()].map(({ name, title }) => [name, title] as const);
  const components = [...COMPONENT_SCENARIOS.values()].map(
    ({ name, title, cases }) =>
      [name, `${title}\n    ${cases.map((one) => one.name).join(', ')}`] as const,
  );
  const width = Math.max(...[...traffic, ...components].map(([name]) => name.length));
  const rows = (of: readonly (readonly [string, string])[]): string[] =>
    of.map(([name, title]) => `  ${name.padEnd(width)}  ${title}`);
  return `${['Traffic', ...rows(traffic), '', 'Components', ...rows(components)].join('\n')}\n`;
}

function componentsNamed(name: string): readonly ComponentScenario[] {
  if (name === ALL_COMPONENTS) return [...COMPONENT_SCENARIOS.values()];
  const found = COMPONENT_SCENARIOS.get(name);
  return found === undefined ? [] : [found];
}

function isTraffic(name: string): boolean {
  return SCENARIOS.has(name) || name.includes('/') || name.endsWith('.json');
}

function findTraffic(name: string): Promise<Scenario> {
  if (!isTraffic(name) && nearestNames(name, [...COMPONENT_SCENARIOS.keys()]).length > 0) {
    throw unknownScenario(name);
  }
  return findScenario(name);
}

function unknownScenario(name: string): HopmarkError {
  const known = [...SCENARIO_NAMES, ...COMPONENT_SCENARIOS.keys()];
  const near = nearestNames(name, known);
  const remedy =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : '"hopmark bench --list" names them all.';
  return new HopmarkError('user', 'scenario-unknown', `unknown scenario "${name}"`, { remedy });
}

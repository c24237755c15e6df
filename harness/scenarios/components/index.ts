/** The component scenarios by name, in the order of the plan's phases. */
import type { ComponentScenario } from '../../model/component.ts';
import { BODY_PROCESSING } from './body-processing.ts';
import { CONFIG_MATCHING } from './config-matching.ts';
import { HEADER_PROCESSING } from './header-processing.ts';
import { MEMORY_POOLS } from './memory-pools.ts';
import { REGEX_CACHE } from './regex-cache.ts';

const ALL: readonly ComponentScenario[] = [
  REGEX_CACHE,
  HEADER_PROCESSING,
  MEMORY_POOLS,
  CONFIG_MATCHING,
  BODY_PROCESSING,
];

export const COMPONENT_SCENARIOS: ReadonlyMap<string, ComponentScenario> = new Map(
  ALL.map((scenario) => [scenario.name, scenario]),
);

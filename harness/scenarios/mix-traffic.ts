import type { MixScenario } from '../model/scenario.ts';
import type { Traffic } from './exchange.ts';
export function prepareMix(scenario: MixScenario, seed: number): Traffic {
  throw new Error(`not yet: ${scenario.name} ${seed}`);
}

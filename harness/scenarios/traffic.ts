/**
 * Turns a scenario and a seed into traffic: the distinct exchanges, as bytes, and the order in which
 * they are sent. Pure: the same scenario and seed give the same bytes in every process, so that the
 * driver and the origin prepare them independently and nothing has to be sent between them. It
 * deliberately knows nothing of arms: all get the same requests in the same order.
 */
import type { FixedScenario, Scenario } from '../model/scenario.ts';
import type { Exchange, Traffic } from './exchange.ts';
import { bodySource, encodeRequest, makeAnswer, ORDER_LENGTH } from './exchange.ts';
import { prepareMix } from './mix-traffic.ts';
import { prepareRecorded } from './recorded-traffic.ts';
import { prepareMessages } from './websocket-traffic.ts';

/** Prepares the traffic of a scenario. `seed` is any 32-bit integer. */
export function prepareTraffic(scenario: Scenario, seed: number): Traffic {
  const traffic = trafficOf(scenario, seed);
  const { conditions } = scenario;
  return conditions === undefined ? traffic : { ...traffic, conditions };
}

function trafficOf(scenario: Scenario, seed: number): Traffic {
  switch (scenario.kind) {
    case 'fixed':
      return prepareFixed(scenario, seed);
    case 'mix':
      return prepareMix(scenario, seed);
    case 'recorded':
      return prepareRecorded(scenario, seed);
    case 'websocket':
      return prepareMessages(scenario, seed);
  }
}

function prepareFixed(scenario: FixedScenario, seed: number): Traffic {
  const { method, target, fields, bodyBytes } = scenario.request;
  const bodies = bodySource(seed, Math.max(bodyBytes, scenario.answer.bodyBytes));
  const exchange: Exchange = {
    id: 0,
    method,
    target,
    client: 'fixed',
    ...encodeRequest(method, target, scenario, fields, bodies(1, bodyBytes)),
    answer: makeAnswer(
      method,
      scenario.answer.status,
      scenario.answer.fields,
      bodies(0, scenario.answer.bodyBytes),
    ),
  };
  return { exchanges: [exchange], order: new Uint32Array(ORDER_LENGTH) };
}

/**
 * The process in which the operations of one implementation run: loads it, makes cases ready, and
 * drives them as it is told. It serves no connection and listens nowhere.
 *
 * It ends when it is killed and when its parent goes away.
 */
import { createHash } from 'node:crypto';
import type { ProxyComponents } from '../../impls/contract.ts';
import { resolveImplementation } from '../../impls/registry.ts';
import { RegistryError } from '../../impls/registry-error.ts';
import { ComponentDriver } from '../drivers/components.ts';
import type { ComponentSetting } from '../model/component.ts';
import { COMPONENT_SCENARIOS } from '../scenarios/components/index.ts';
import { AllocationCounter } from './allocation-count.ts';
import { keepCompiledCode } from './code-cache.ts';
import type { ComponentQuestion, ComponentRequest } from './component-protocol.ts';
import { describeError, endWithFailure } from './start-failure.ts';

const allocations = new AllocationCounter();
const allocatedBytes = (): number => allocations.read().allocatedBytes;

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.once('message', (message: ComponentRequest) => {
  if (message.type !== 'start') throw new Error(`expected a start message, got ${message.type}`);
  start(message.spec, message.setting).catch(endWithFailure);
});

async function start(spec: string, setting: ComponentSetting): Promise<void> {
  const { components } = await resolveImplementation(spec);
  if (components === undefined) {
    throw new RegistryError(
      'invalid-implementation',
      `${spec} does not give its operations one by one, so component scenarios cannot drive it`,
      'impls/contract.ts says what `components` is; traffic scenarios measure any proxy.',
    );
  }
  const driven = new DrivenComponents(() => components(), setting);
  process.on('message', (message: ComponentQuestion) => {
    void answer(driven, message);
  });
  keepCompiledCode();
  process.send?.({ type: 'ready' });
}

async function answer(driven: DrivenComponents, request: ComponentQuestion): Promise<void> {
  const { id } = request;
  try {
    process.send?.({ type: 'answer', id, value: await driven.answerTo(request) });
  } catch (error) {
    process.send?.({ type: 'answer-failed', id, message: describeError(error).message });
  }
}

/** The cases of one implementation that are ready. */
class DrivenComponents {
  readonly #make: () => ProxyComponents;
  readonly #setting: ComponentSetting;
  readonly #drivers = new Map<string, ComponentDriver>();

  constructor(make: () => ProxyComponents, setting: ComponentSetting) {
    this.#make = make;
    this.#setting = setting;
  }

  async answerTo(request: ComponentQuestion): Promise<unknown> {
    if (request.type === 'prepare') return this.#prepare(request);
    const driver = this.#drivers.get(request.case);
    if (driver === undefined) throw new Error(`the case ${request.case} is not ready`);
    switch (request.type) {
      case 'warm-up':
        await driver.warmUp(request.ms);
        return driver.sum;
      case 'batch':
        return { ...(await driver.batch(request.ms)), sum: driver.sum };
      case 'allocations':
        return { ...(await driver.allocations(request.runs)), sum: driver.sum };
    }
  }

  async #prepare(request: ComponentQuestion & { type: 'prepare' }): Promise<string> {
    const one = COMPONENT_SCENARIOS.get(request.scenario)?.cases.find(
      ({ name }) => name === request.case,
    );
    if (one === undefined) throw new Error(`no case ${request.scenario}/${request.case}`);
    const operation = await one.prepare(this.#make(), this.#setting);
    const digest = createHash('sha256');
    for (const text of await operation.answers()) digest.update(`${text}\0`);
    this.#drivers.set(one.name, new ComponentDriver(operation, allocatedBytes));
    return digest.digest('hex');
  }
}

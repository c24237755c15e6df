/**
 * What the harness and a process that drives components say to each other. The channel is silent
 * while operations run. Types alone, so that the driven process loads nothing for them.
 */
import type { ComponentSetting } from '../model/component.ts';

/** From the harness. `id` ties an answer to its question. */
export type ComponentRequest =
  | {
      readonly type: 'start';
      /** As the registry takes it. */
      readonly spec: string;
      readonly setting: ComponentSetting;
    }
  | ComponentQuestion;

/** Each concerns one case, which `prepare` has made ready before anything else is asked of it. */
export type ComponentQuestion = { readonly id: number; readonly case: string } & (
  | {
      /** Answers with a digest of its answers. */
      readonly type: 'prepare';
      readonly scenario: string;
    }
  | { readonly type: 'warm-up' | 'batch'; readonly ms: number }
  | { readonly type: 'allocations'; readonly runs: number }
);

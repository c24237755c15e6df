/**
 * The messages between the harness and the origin's process. Types and one check, no logic.
 */
import { z } from 'zod';
import type { Scenario } from '../model/scenario.ts';
import { scenarioSchema } from '../model/scenario-schema.ts';
import type { OriginCounters } from './origin-server.ts';

/** From the harness. `start` comes first and once; the others any time after `ready`. */
export type OriginRequest =
  | {
      readonly type: 'start';
      readonly scenario: Scenario;
      /** The seed with which the driver prepares its traffic. */
      readonly seed: number;
      /** Where to listen; default: on any free port. */
      readonly at?: { readonly host: string; readonly port: number };
    }
  | { readonly type: 'counters'; readonly id: number }
  | { readonly type: 'stop' };

/** From the origin. `failed` is followed by its exit. */
export type OriginReply =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: Readonly<OriginCounters> }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      /** False: nothing that the user named explains it. */
      readonly usersFault: boolean;
      readonly remedy: string;
    };

/** Checks what came over IPC. */
export const originRequestSchema: z.ZodType<OriginRequest> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    scenario: scenarioSchema,
    seed: z.number().int(),
    at: z.object({ host: z.string(), port: z.number().int() }).exactOptional(),
  }),
  z.object({ type: z.literal('counters'), id: z.number().int() }),
  z.object({ type: z.literal('stop') }),
]);

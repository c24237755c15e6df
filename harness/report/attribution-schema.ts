/** The shape of what grew, as stored reports have it. */
import { z } from 'zod';
import type { Attribution } from '../model/attribution.ts';

const amount = z.number().min(0);

const growth = z.strictObject({
  reference: amount,
  candidate: amount,
  frames: z.array(
    z.strictObject({
      name: z.string(),
      file: z.string().nullable(),
      line: z.int().min(1).nullable(),
      reference: amount,
      candidate: amount,
      growth: amount,
    }),
  ),
});

/** Checks {@link Attribution}. */
export const attributionSchema: z.ZodType<Attribution> = z.strictObject({
  requests: z.strictObject({ cpu: z.int().min(1), heap: z.int().min(1) }),
  cpu: growth,
  heap: growth,
  files: z.array(z.string()),
});

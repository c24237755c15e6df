/**
 * Checks a scenario document that somebody wrote: types, ranges, shares that add up, names that refer
 * to something. It deliberately does not word whole messages: the reader of files does.
 */
import { z } from 'zod';
import type { MixScenario, RecordedScenario, Scenario } from './scenario.ts';
import {
  MAX_BODY_BYTES,
  MAX_LARGE_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_RECORDED_REQUESTS,
} from './scenario.ts';

const text = z.string().min(1);
const share = z.number().min(0).max(1);
const count = z.number().int().min(1);
const bytes = z.number().int().min(0).max(MAX_BODY_BYTES);
const largeBytes = z.number().int().min(0).max(MAX_LARGE_BODY_BYTES);
const status = z.number().int().min(200).max(599);
const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a token (RFC 9110 5.6.2)');
const target = z.string().regex(/^\/[\x21-\x7e]*$/, 'a path from / on, without spaces');
const fieldValue = z.string().regex(/^[\x20-\x7e]*$/, 'printable ASCII');
const IMPLIED = new Set(['host', 'content-length', 'transfer-encoding']);
const fieldName = token.refine(
  (name) => !IMPLIED.has(name.toLowerCase()),
  'a field other than Host, Content-Length and Transfer-Encoding, which are implied',
);
const field = z
  .tuple([fieldName, fieldValue])
  .refine(
    ([name, value]) => name.toLowerCase() !== 'connection' || value === 'keep-alive',
    'no Connection but keep-alive: `conditions` say which connections are not kept',
  );
const fields = z.array(field);

const quantiles = z
  .array(z.tuple([share, bytes]))
  .min(2)
  .refine(isRising, 'points that rise in both columns')
  .refine((points) => points[0]?.[0] === 0 && points.at(-1)?.[0] === 1, 'points from 0 to 1');
const curve = z
  .array(z.tuple([count, share]))
  .min(1)
  .refine(isRising, 'points that rise in both columns')
  .refine((points) => points.at(-1)?.[1] === 1, 'a last point whose share is 1');

const host = z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, 'a host name, with a port if need be');

const upTo = (least: number, most: number): z.ZodNumber => z.number().int().min(least).max(most);
const conditions = z.strictObject({
  concurrency: upTo(1, 1024).exactOptional(),
  originDelayMs: upTo(1, 10_000).exactOptional(),
  connections: z.literal('one-each').exactOptional(),
  extraRules: upTo(1, 10_000).exactOptional(),
  reloadEveryMs: upTo(10, 60_000).exactOptional(),
});

const head = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes'),
  title: text,
  description: text,
  source: z.strictObject({ text, licence: text }),
  host,
  conditions: conditions.exactOptional(),
};

const fixedSchema = z.strictObject({
  kind: z.literal('fixed'),
  ...head,
  request: z.strictObject({ method: token, target, fields, bodyBytes: largeBytes }),
  answer: z.strictObject({ status, fields, bodyBytes: largeBytes }),
});

const webSocketSchema = z
  .strictObject({
    kind: z.literal('websocket'),
    ...head,
    target,
    fields,
    messageBytes: upTo(4, MAX_MESSAGE_BYTES),
  })
  .refine(({ conditions: around }) => around?.connections === undefined, {
    path: ['conditions', 'connections'],
    error: 'nothing: messages follow each other on a connection',
  });

const mixSchema = z
  .strictObject({
    kind: z.literal('mix'),
    ...head,
    methods: addsUpToOne(
      z.strictObject({
        method: token,
        share,
        on: z.discriminatedUnion('targets', [
          z.strictObject({ targets: z.literal('popularity') }),
          z.strictObject({ targets: z.literal('sample'), distinct: count }),
          z.strictObject({
            targets: z.literal('own'),
            list: addsUpToOne(
              z.strictObject({
                target,
                share,
                status,
                fields,
                requestBytes: bytes,
                answerBytes: bytes,
                answerType: fieldValue.exactOptional(),
              }),
            ),
          }),
        ]),
      }),
    ),
    popular: z.array(z.strictObject({ target, media: text, share, bytes })),
    sections: z.array(
      z
        .strictObject({
          name: text,
          share,
          distinct: count,
          curve,
          paths: addsUpToOne(z.strictObject({ template: target, media: text, share })),
        })
        .refine((section) => section.curve.at(-1)?.[0] === section.distinct, {
          path: ['curve'],
          error: 'a last point whose rank is `distinct`',
        }),
    ),
    media: z
      .array(
        z.strictObject({
          name: text,
          contentType: text,
          accept: fieldValue,
          dest: text,
          mode: text,
          audience: addsUpToOne(z.strictObject({ family: text, share })),
          bytes: quantiles,
        }),
      )
      .min(1),
    statuses: addsUpToOne(z.strictObject({ status, share, bytes: quantiles.nullable() })),
    headerSets: z
      .array(z.strictObject({ name: text, family: text, share, refererShare: share, fields }))
      .min(1),
    referers: z.strictObject({ foreignShare: share, foreign: z.array(fieldValue).min(1) }),
    answerFields: fields,
  })
  .superRefine(checkReferences);

const recordedSchema = z
  .strictObject({
    kind: z.literal('recorded'),
    ...head,
    exchanges: z
      .array(
        z.strictObject({
          method: token.refine((method) => method !== 'CONNECT', 'a method other than CONNECT'),
          target,
          host: host.exactOptional(),
          fields,
          bodyBytes: largeBytes,
          answer: z.strictObject({ status, fields, bodyBytes: largeBytes }),
        }),
      )
      .min(1)
      .max(MAX_RECORDED_REQUESTS),
    order: z.array(z.number().int().min(0)).min(1).max(MAX_RECORDED_REQUESTS),
  })
  .superRefine(checkOrder);

/** Checks a document read from a file. Unknown keys and shares that do not add up are refused. */
export const scenarioSchema: z.ZodType<Scenario> = z.union([
  fixedSchema,
  mixSchema,
  recordedSchema,
  webSocketSchema,
]);

/** The schema of one kind, so that messages speak of it alone; undefined for an unknown kind. */
export function schemaOfKind(kind: unknown): z.ZodType<Scenario> | undefined {
  if (kind === 'fixed') return fixedSchema;
  if (kind === 'recorded') return recordedSchema;
  if (kind === 'websocket') return webSocketSchema;
  return kind === 'mix' ? mixSchema : undefined;
}

function isRising(points: readonly (readonly [number, number])[]): boolean {
  return points.every((point, i) => {
    const before = points[i - 1];
    return before === undefined || (point[0] > before[0] && point[1] >= before[1]);
  });
}

function addsUpToOne<Item extends z.ZodType<{ share: number }>>(item: Item): z.ZodArray<Item> {
  return z
    .array(item)
    .min(1)
    .refine((items) => isOne(items), 'shares that add up to 1');
}

function isOne(items: readonly { share: number }[]): boolean {
  return Math.abs(items.reduce((sum, item) => sum + item.share, 0) - 1) < 1e-3;
}

function checkOrder(recorded: RecordedScenario, context: z.RefinementCtx<RecordedScenario>): void {
  const at = recorded.order.findIndex((index) => index >= recorded.exchanges.length);
  if (at === -1) return;
  const message = 'the index of one of the `exchanges`, from 0 on';
  context.addIssue({ code: 'custom', path: ['order', at], message });
}

/** What a schema of one field alone cannot see: names that refer to others, and sums over two lists. */
function checkReferences(mix: MixScenario, context: z.RefinementCtx<MixScenario>): void {
  const complain = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  const media = new Set(mix.media.map((kind) => kind.name));
  const families = new Set(mix.headerSets.map((set) => set.family));
  mix.popular.forEach((popular, i) => {
    if (!media.has(popular.media)) complain(['popular', i, 'media'], 'a name from `media`');
  });
  mix.sections.forEach((section, i) => {
    section.paths.forEach((path, j) => {
      if (!media.has(path.media))
        complain(['sections', i, 'paths', j, 'media'], 'a name from `media`');
    });
  });
  mix.media.forEach((kind, i) => {
    kind.audience.forEach((part, j) => {
      if (!families.has(part.family))
        complain(['media', i, 'audience', j, 'family'], 'a family from `headerSets`');
    });
  });
  for (const family of families)
    if (!isOne(mix.headerSets.filter((set) => set.family === family)))
      complain(['headerSets'], `shares of the family ${family} that add up to 1`);
  if (!isOne([...mix.popular, ...mix.sections]))
    complain(['sections'], 'shares that add up to 1 with those of `popular`');
  if (!mix.methods.some((method) => method.on.targets === 'popularity'))
    complain(['methods'], 'a method on `popularity`');
  for (const [i, { status, bytes }] of mix.statuses.entries())
    if (bytes === null && status !== 200 && status !== 304)
      complain(['statuses', i, 'bytes'], 'points, since only 200 and 304 go without');
}

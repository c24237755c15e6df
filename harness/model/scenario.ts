/**
 * What a traffic scenario is: a small declarative document that says which requests are sent, how
 * often, and how each is answered. It holds figures (shares, curves, quantiles) and invented text,
 * never recorded traffic. It deliberately does not generate anything: `scenarios/traffic.ts` turns a
 * document and a seed into bytes.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A header field as it is written on the wire. */
export type Field = readonly [name: string, value: string];

/** A point of a quantile function: at `share` of the requests (0..1) the value is at most `value`. */
export type QuantilePoint = readonly [share: number, value: number];

/** A point of a popularity curve: the `rank` most popular targets get `share` of the requests. */
export type CurvePoint = readonly [rank: number, share: number];

/** A document that describes traffic. */
export type Scenario = FixedScenario | MixScenario;

interface ScenarioHead {
  /** What `--scenario` takes: lower-case letters, digits and dashes. */
  readonly name: string;
  /** One line for tables. */
  readonly title: string;
  /** What it stands for, and what it leaves out. */
  readonly description: string;
  /** Where the figures come from, and under which licence. */
  readonly source: { readonly text: string; readonly licence: string };
  /** The value of every request's Host field. */
  readonly host: string;
}

/** One request, one answer, over and over. */
export interface FixedScenario extends ScenarioHead {
  readonly kind: 'fixed';
  readonly request: {
    readonly method: string;
    readonly target: string;
    /** Fields beside Host and framing, in order. */
    readonly fields: readonly Field[];
    /** 0 for a request without a body. */
    readonly bodyBytes: number;
  };
  readonly answer: {
    readonly status: number;
    /** Fields beside Content-Length, in order. */
    readonly fields: readonly Field[];
    readonly bodyBytes: number;
  };
}

/** Many targets of different popularity, asked for by different clients. */
export interface MixScenario extends ScenarioHead {
  readonly kind: 'mix';
  /** Methods and their shares, which add up to 1. GET is one of them. */
  readonly methods: readonly MethodShare[];
  /** Targets popular enough to be named one by one; shares are of all GET requests. */
  readonly popular: readonly PopularTarget[];
  /** All other targets. The shares of `popular` and `sections` together add up to 1. */
  readonly sections: readonly Section[];
  /** Kinds of content, to which targets refer by name. */
  readonly media: readonly MediaKind[];
  /** Statuses of GET requests and their shares, which add up to 1. Popular targets answer 200. */
  readonly statuses: readonly StatusShare[];
  /** Header sets; within a family their shares add up to 1. */
  readonly headerSets: readonly HeaderSet[];
  /** Values of Referer: a page of the same host, or one of these foreign ones. */
  readonly referers: { readonly foreignShare: number; readonly foreign: readonly string[] };
  /** Fields of a 200 beside Content-Type and Content-Length; other statuses get the first two. */
  readonly answerFields: readonly Field[];
}

/** How often a method is used, and for what. */
export interface MethodShare {
  readonly method: string;
  readonly share: number;
  /**
   * `popularity`: the popular targets and the sections (GET). `sample`: `distinct` of those targets,
   * answered as a GET would be but without a body (HEAD). `own`: its own targets.
   */
  readonly on:
    | { readonly targets: 'popularity' }
    | { readonly targets: 'sample'; readonly distinct: number }
    | {
        readonly targets: 'own';
        readonly list: readonly {
          readonly target: string;
          readonly share: number;
          readonly status: number;
          /** Fields beside those of the client's header set, such as Content-Type. */
          readonly fields: readonly Field[];
          /** 0 for a request without a body. */
          readonly requestBytes: number;
          readonly answerBytes: number;
        }[];
      };
}

/** One target with figures of its own. */
interface PopularTarget {
  readonly target: string;
  readonly media: string;
  readonly share: number;
  readonly bytes: number;
}

/** A part of the site. */
export interface Section {
  readonly name: string;
  readonly share: number;
  /** Number of distinct targets. */
  readonly distinct: number;
  /**
   * Rank-frequency curve within the section, from rank 1 to `distinct`, both columns rising to
   * [distinct, 1]; between two points targets are equally popular.
   */
  readonly curve: readonly CurvePoint[];
  /**
   * Shapes of its paths and their shares, which add up to 1. `{word}`, `{slug}`, `{long}`, `{year}`
   * and `{n}` stand for invented text; a target is never generated twice.
   */
  readonly paths: readonly {
    readonly template: string;
    readonly media: string;
    readonly share: number;
  }[];
}

/** A kind of content: how it is asked for, by whom, and how large it is. */
export interface MediaKind {
  readonly name: string;
  readonly contentType: string;
  /** What a browser says when it asks for it; a header set's `{accept}`, `{dest}`, `{mode}`. */
  readonly accept: string;
  readonly dest: string;
  readonly mode: string;
  /** Which families of clients ask for it; shares add up to 1. */
  readonly audience: readonly { readonly family: string; readonly share: number }[];
  /** Bytes of a 200's body by share of the requests for targets that are not popular ones. */
  readonly bytes: readonly QuantilePoint[];
}

/** A status of GET answers. */
export interface StatusShare {
  readonly status: number;
  readonly share: number;
  /** Body bytes, or null where the media kind says (200) or there is no body (304). */
  readonly bytes: readonly QuantilePoint[] | null;
}

/** The fields that one client sends. */
export interface HeaderSet {
  readonly name: string;
  readonly family: string;
  /** Of its family's requests. */
  readonly share: number;
  /** Of its requests, those that carry a Referer. */
  readonly refererShare: number;
  /**
   * In the order of the wire, Host first being implied. `{accept}`, `{dest}`, `{mode}` are filled in
   * from the media kind; a field whose value is `{referer}` is left out where there is none.
   */
  readonly fields: readonly Field[];
}

/** A name by which the hash of {@link scenarioHash} is written in reports: sha256, 16 hex digits. */
export function scenarioHash(scenario: Scenario): string {
  return createHash('sha256').update(canonicalJson(scenario)).digest('hex').slice(0, 16);
}

/** JSON with the keys of every object in code-unit order and no white space. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A body larger than this is no part of any scenario: it would measure copying, not the hop. */
export const MAX_BODY_BYTES = 65_536;

const text = z.string().min(1);
const share = z.number().min(0).max(1);
const count = z.number().int().min(1);
const bytes = z.number().int().min(0).max(MAX_BODY_BYTES);
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
    'no Connection but keep-alive: all connections are kept',
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

const head = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes'),
  title: text,
  description: text,
  source: z.strictObject({ text, licence: text }),
  host: z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, 'a host name, with a port if need be'),
};

const fixedSchema = z.strictObject({
  kind: z.literal('fixed'),
  ...head,
  request: z.strictObject({ method: token, target, fields, bodyBytes: bytes }),
  answer: z.strictObject({ status, fields, bodyBytes: bytes }),
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

/** Checks a document read from a file. Unknown keys and shares that do not add up are refused. */
export const scenarioSchema: z.ZodType<Scenario> = z.union([fixedSchema, mixSchema]);

/** The schema of one kind, so that messages speak of it alone; undefined for an unknown kind. */
export function schemaOfKind(kind: unknown): z.ZodType<Scenario> | undefined {
  if (kind === 'fixed') return fixedSchema;
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

/**
 * The policy file's form: keys, types, ranges and defaults, and how it becomes a {@link Policy}.
 * Each message says what was expected; what was found, and where, is added by `load.ts`. This
 * module is for load time: nothing that serves requests imports it.
 */
import { isIP } from 'node:net';
import * as z from 'zod';
import { FRAMING_FIELDS, HOP_BY_HOP_FIELDS } from './header-names.ts';
import { checkPattern } from './pattern-safety.ts';
import type { Pattern, Policy } from './policy.ts';
import { duration, size } from './quantities.ts';
import {
  ALWAYS_REDACTED_FIELDS,
  DEFAULT_REDACTED_FIELDS,
  DEFAULT_REDACTED_QUERY,
} from './redact.ts';

/** The longest subject, in characters, that patterns of each sort will meet. */
export interface SubjectCharacters {
  readonly path: number;
  readonly header: number;
  readonly body: number;
}

/** The bounds where a policy names none. */
export const DEFAULT_TARGET_BYTES = 8192;
export const DEFAULT_BODY_MATCH_BYTES = 16_384;
/** The upper bounds of what patterns may have to look at. */
export const MAX_TARGET_BYTES = 65_536;
export const MAX_BODY_MATCH_BYTES = 65_536;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The limits section. */
const limits = z
  .strictObject({
    head: size(256, 1 << 20, 'Request line and header section together; beyond it 431.').prefault(
      '32KB',
    ),
    target: size(16, MAX_TARGET_BYTES, 'The request target alone; beyond it 414.').prefault('8KB'),
    headers: z
      .int('a number of header fields, from 1 to 1000')
      .min(1, 'a number of header fields, from 1 to 1000')
      .max(1000, 'a number of header fields, from 1 to 1000')
      .default(100)
      .describe('Header fields in a request; beyond it 431.'),
    body: size(0, 2 ** 40, "A request's body; beyond it 413.").prefault('10MB'),
    bodyMatch: size(
      1,
      MAX_BODY_MATCH_BYTES,
      'How much of a body rules and captures look at.',
    ).prefault('16KB'),
    headTimeout: duration(
      1,
      3_600_000,
      'Complete head from its first byte; beyond it 408.',
    ).prefault('10s'),
    bodyTimeout: duration(
      1,
      3_600_000,
      "Longest gap between two reads of a request's body; beyond it 408.",
    ).prefault('30s'),
    idleTimeout: duration(
      1,
      86_400_000,
      'An idle client connection between requests; beyond it closed.',
    ).prefault('60s'),
    connectTimeout: duration(1, 3_600_000, 'To connect to the upstream; beyond it 504.').prefault(
      '5s',
    ),
    firstByteTimeout: duration(
      1,
      3_600_000,
      "From the request's end to the answer's first byte; beyond it 504.",
    ).prefault('30s'),
    logQueue: size(
      1024,
      2 ** 30,
      'Lines waiting for the log sink; beyond it lines are dropped and counted.',
    ).prefault('1MB'),
  })
  .transform((given) => ({
    headBytes: given.head,
    targetBytes: given.target,
    headerCount: given.headers,
    bodyBytes: given.body,
    bodyMatchBytes: given.bodyMatch,
    headTimeoutMs: given.headTimeout,
    bodyTimeoutMs: given.bodyTimeout,
    idleTimeoutMs: given.idleTimeout,
    connectTimeoutMs: given.connectTimeout,
    firstByteTimeoutMs: given.firstByteTimeout,
    logQueueBytes: given.logQueue,
  }));

const listen = z.strictObject({
  host: z.string().min(1, 'a host name or an address').default('127.0.0.1'),
  port: z
    .int('a port from 0 to 65535')
    .min(0, 'a port from 0 to 65535')
    .max(65_535, 'a port from 0 to 65535')
    .default(8080),
});

const WORKERS = 'a number of processes from 1 to 256';
const workers = z
  .int(WORKERS)
  .min(1, WORKERS)
  .max(256, WORKERS)
  .default(1)
  .describe('Processes that serve; benchmarks always run one.');

const UPSTREAM =
  'an http or https URL without path, query or credentials, such as http://127.0.0.1:9000';
const upstream = z
  .string(UPSTREAM)
  .refine(isUpstream, UPSTREAM)
  .meta({ description: 'Where requests go.', pattern: '^https?://[^/?#@]+/?$' });

const PEER = 'an IP address or a block such as 10.0.0.0/8';
const trustForwardedFrom = z.array(z.string(PEER).refine(isPeer, PEER)).default([]);

const VIA = 'a name of token characters for Via, or null';
const forwarded = z.strictObject({
  xForwarded: z.boolean().default(true).describe('Add X-Forwarded-For, -Host and -Proto.'),
  forwarded: z.boolean().default(false).describe('Add Forwarded (RFC 7239).'),
  via: z
    .string(VIA)
    .regex(TOKEN, VIA)
    .nullable()
    .default('hopmark')
    .describe('The pseudonym in Via, or null for no Via.'),
});

const NAME = 'a name of 1 to 100 printable characters';
const ruleName = z.string(NAME).regex(/^[^\p{C}\u2028\u2029]{1,100}$/u, NAME);

const METHOD = 'a method name such as GET';
const methods = z.array(z.string(METHOD).regex(TOKEN, METHOD)).min(1, 'at least one method');

const STATUS = 'a status code from 100 to 599, a class such as 5xx, or a range such as [500, 599]';
const statusCode = z.int(STATUS).min(100, STATUS).max(599, STATUS);
const statusCodes = z
  .array(
    z
      .union(
        [statusCode, z.string().regex(/^[1-5]xx$/, STATUS), z.tuple([statusCode, statusCode])],
        STATUS,
      )
      .refine((code) => !Array.isArray(code) || code[0] <= code[1], 'a range from low to high')
      .transform((code): number | readonly [number, number] => {
        if (typeof code !== 'string') return code;
        const first = Number(code.charAt(0)) * 100;
        return [first, first + 99];
      }),
  )
  .min(1, 'at least one status code');

const QUERY_NAME = 'a parameter name';
const redact = z
  .strictObject({
    headers: z
      .array(z.string('a header name').regex(TOKEN, 'a header name'))
      .default([...DEFAULT_REDACTED_FIELDS])
      .describe('Header names; the four that carry credentials are always redacted.'),
    query: z.array(z.string(QUERY_NAME).min(1, QUERY_NAME)).default([...DEFAULT_REDACTED_QUERY]),
  })
  .transform((given) => ({
    headers: [...new Set([...ALWAYS_REDACTED_FIELDS, ...given.headers.map(lower)])],
    query: [...new Set(given.query.map(lower))],
  }));

const flag = (on: boolean): z.ZodDefault<z.ZodBoolean> => z.boolean().default(on);
const capture = z.strictObject({
  method: flag(true),
  path: flag(true),
  headers: flag(false),
  body: flag(false),
  timing: flag(true),
});
const responseCapture = z.strictObject({
  headers: flag(false),
  body: flag(false),
  timing: flag(true),
});

const BODY = 'a text';
const dropResponse = z
  .strictObject({
    statusCode: z
      .int('a status code from 200 to 599')
      .min(200, 'a status code from 200 to 599')
      .max(599, 'a status code from 200 to 599')
      .default(403),
    body: z.string(BODY).default(''),
    headers: fieldMap(z.string('a text'), checkDropField).default({}),
  })
  .superRefine((response, context) => {
    if (response.body === '' || ![204, 205, 304].includes(response.statusCode)) return;
    const message = `no body, since a ${response.statusCode} answer has none`;
    context.addIssue({ code: 'custom', path: ['body'], message, input: response.body });
  });

/** The schema, for patterns that will meet subjects of the given lengths. */
export function policySchema(subjects: SubjectCharacters): z.ZodType<Policy> {
  const requestBody = z.strictObject({ patterns: patternList(subjects.body) });
  const requestMatch = z.strictObject({
    path: z.strictObject({ patterns: patternList(subjects.path) }).exactOptional(),
    methods: methods.exactOptional(),
    headers: fieldMap(pattern(subjects.header)).exactOptional(),
    body: requestBody.exactOptional(),
  });
  const responseMatch = z.strictObject({
    statusCodes: statusCodes.exactOptional(),
    headers: fieldMap(pattern(subjects.header)).exactOptional(),
    body: requestBody.exactOptional(),
  });
  const file = z.strictObject({
    $schema: z.string().optional().describe('For editors; not read.'),
    listen: listen.prefault({}),
    workers,
    upstream,
    limits: limits.prefault({}),
    trustForwardedFrom,
    forwarded: forwarded.prefault({}),
    logging: ruleSet(
      z
        .strictObject({
          name: ruleName,
          match: requestMatch,
          capture: capture.prefault({}),
          timeout: duration(
            1,
            3_600_000,
            "To the answer's first byte, instead of the limit's.",
          ).exactOptional(),
        })
        .transform(({ timeout, ...rule }) => ({
          ...rule,
          ...(timeout === undefined ? {} : { timeoutMs: timeout }),
        })),
    ).prefault({}),
    drop: ruleSet(
      z.strictObject({
        name: ruleName,
        match: requestMatch,
        response: dropResponse.prefault({}),
      }),
    ).prefault({}),
    responseLogging: ruleSet(
      z.strictObject({
        name: ruleName,
        match: responseMatch,
        capture: responseCapture.prefault({}),
      }),
    ).prefault({}),
    redact: redact.prefault({}),
  });
  return file.transform(({ $schema: _, ...policy }) => policy);
}

/** Rules in order, their names unique. */
function ruleSet<Rule extends z.ZodType<{ readonly name: string }>>(
  rule: Rule,
): z.ZodObject<
  { default: z.ZodDefault<z.ZodBoolean>; rules: z.ZodDefault<z.ZodArray<Rule>> },
  z.core.$strict
> {
  const rules = z.array(rule).superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name)) {
        const message = 'a name that no other rule of this list has';
        context.addIssue({ code: 'custom', path: [index, 'name'], message, input: name });
      }
      seen.add(name);
    }
  });
  return z.strictObject({
    default: z.boolean().default(false).describe('What happens where no rule matches.'),
    rules: rules.default([]),
  });
}

const PATTERN = 'a regular expression: a text, or {pattern, flags}';
const patternForm = z.union(
  [z.string(), z.strictObject({ pattern: z.string(), flags: z.string().default('') })],
  PATTERN,
);
type PatternField = z.ZodPipe<
  typeof patternForm,
  z.ZodTransform<Pattern, z.output<typeof patternForm>>
>;

/** One pattern, refused if it is invalid or could be slow on the longest subject. */
function pattern(subjectCharacters: number): PatternField {
  return patternForm.transform((given, context) => {
    const written =
      typeof given === 'string'
        ? { source: given, flags: '' }
        : { source: given.pattern, flags: [...given.flags].sort().join('') };
    const problem = checkPattern(written, subjectCharacters);
    if (problem === null) return written;
    const message = `${problem.remedy} (${problem.reason})`;
    context.addIssue({ code: 'custom', message, input: given });
    return z.NEVER;
  });
}

function patternList(subjectCharacters: number): z.ZodArray<PatternField> {
  return z.array(pattern(subjectCharacters)).min(1, 'at least one pattern');
}

const FIELD_NAME = 'a header name of token characters';

/**
 * A map by header name. zod's own record loses a key such as `__proto__`, which is data here, so
 * the keys are walked by hand. With `checkName` names stay as written, else they come out in lower
 * case, as rules compare them.
 */
function fieldMap<Value extends z.ZodType>(
  value: Value,
  check?: (name: string, value: z.output<Value>) => string | null,
): z.ZodPipe<
  z.ZodCustom<Record<string, unknown>, Record<string, unknown>>,
  z.ZodTransform<Record<string, z.output<Value>>, Record<string, unknown>>
> {
  const { $schema: _, ...valueForm } = z.toJSONSchema(value, { io: 'input' });
  return z
    .custom<Record<string, unknown>>(isMap, 'a map from header names to values')
    .meta({ type: 'object', additionalProperties: valueForm })
    .transform((given, context) => {
      const entries: [string, z.output<Value>][] = [];
      const seen = new Set<string>();
      for (const [name, item] of Object.entries(given)) {
        const fail = (message: string): void =>
          context.addIssue({ code: 'custom', path: [name], message, input: item });
        const parsed = value.safeParse(item);
        if (!TOKEN.test(name)) fail(FIELD_NAME);
        else if (seen.has(name.toLowerCase())) fail('each header name once, whatever its case');
        else if (!parsed.success) fail(parsed.error.issues[0]?.message ?? 'a valid value');
        else {
          const problem = check?.(name, parsed.data) ?? null;
          if (problem !== null) fail(problem);
          else entries.push([check === undefined ? name.toLowerCase() : name, parsed.data]);
        }
        seen.add(name.toLowerCase());
      }
      return Object.fromEntries(entries);
    });
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why a drop response may not have this field, or null. */
function checkDropField(name: string, value: string): string | null {
  const lowerName = name.toLowerCase();
  if (
    FRAMING_FIELDS.has(lowerName) ||
    HOP_BY_HOP_FIELDS.has(lowerName) ||
    lowerName === 'trailer'
  ) {
    return 'a header that does not concern framing or the connection';
  }
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && value === value.trim()
    ? null
    : 'a value of one line in latin-1, without white space around it';
}

function isUpstream(text: string): boolean {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.pathname === '/' && url.port !== '0';
}

function isPeer(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}

function lower(name: string): string {
  return name.toLowerCase();
}

/**
 * Words for judging what was observed. Each check is pure and returns what is wrong, so that checks
 * combine by `all` and one failure does not hide another.
 */
import type { Bytes, Failure } from './case.ts';
import type {
  ClientConnection,
  FieldList,
  Framing,
  Observed,
  ReceivedRequest,
  ReceivedResponse,
} from './observed.ts';
import { toBytes } from './steps.ts';

export type Check = (observed: Observed) => readonly Failure[];

/** All of them hold. */
export function all(...checks: readonly Check[]): Check {
  return (observed) => checks.flatMap((check) => check(observed));
}

function failure(message: string): readonly Failure[] {
  return [{ message }];
}

const NOTHING: readonly Failure[] = [];

/** Fails with `message` where `holds` is false. */
export function expectThat(holds: boolean, message: string): readonly Failure[] {
  return holds ? NOTHING : failure(message);
}

/** The client's connection of this name, `a` by default. */
export function connectionOf(observed: Observed, name = 'a'): ClientConnection | undefined {
  return observed.client.find((one) => one.name === name);
}

/** Final answers on a connection, in order; those with status 101 are among them. */
export function finalsOf(observed: Observed, name = 'a'): readonly ReceivedResponse[] {
  const responses = connectionOf(observed, name)?.responses ?? [];
  return responses.filter(({ status }) => status >= 200 || status === 101);
}

interface AnswerSpot {
  /** The client's connection, `a` by default. */
  readonly on?: string;
  /** Which final answer on it, from 0. */
  readonly index?: number;
}

/** Judges one final answer; that it exists is judged too. */
export function onAnswer(
  judge: (answer: ReceivedResponse, observed: Observed) => readonly Failure[],
  { on = 'a', index = 0 }: AnswerSpot = {},
): Check {
  return (observed) => {
    const found = finalsOf(observed, on)[index];
    return found === undefined
      ? failure(`the client has no ${ordinal(index)} answer on connection ${on}`)
      : judge(found, observed);
  };
}

/** Judges one request as the origin received it; that it exists is judged too. */
export function onRequest(
  judge: (request: ReceivedRequest, observed: Observed) => readonly Failure[],
  index = 0,
): Check {
  return (observed) => {
    const found = observed.origin.requests[index];
    return found === undefined
      ? failure(`the origin has no ${ordinal(index)} request`)
      : judge(found, observed);
  };
}

function ordinal(index: number): string {
  return ['first', 'second', 'third', 'fourth'][index] ?? `${index + 1}th`;
}

/** The final answer has one of these statuses. */
export function status(allowed: number | readonly number[], spot: AnswerSpot = {}): Check {
  const statuses = typeof allowed === 'number' ? [allowed] : allowed;
  return onAnswer(
    (answer) =>
      expectThat(
        statuses.includes(answer.status),
        `the answer's status is ${answer.status}, not ${statuses.join(' or ')}`,
      ),
    spot,
  );
}

/** The answer came whole, with exactly this body. */
export function answerBody(expected: Bytes, spot: AnswerSpot = {}): Check {
  return onAnswer(
    (answer) => [
      ...expectThat(answer.complete, 'the answer is incomplete'),
      ...sameBytes('the answer’s body', answer.body, toBytes(expected)),
    ],
    spot,
  );
}

/** The request reached the origin whole, with exactly this body. */
export function requestBody(expected: Bytes, index = 0): Check {
  return onRequest(
    (request) => [
      ...expectThat(request.complete, 'the request at the origin is incomplete'),
      ...sameBytes('the request’s body at the origin', request.body, toBytes(expected)),
    ],
    index,
  );
}

/** Says where two runs of bytes differ first. */
export function sameBytes(
  what: string,
  found: Uint8Array,
  expected: Uint8Array,
): readonly Failure[] {
  if (Buffer.compare(found, expected) === 0) return NOTHING;
  const least = Math.min(found.length, expected.length);
  let at = 0;
  while (at < least && found[at] === expected[at]) at++;
  const where = at < least ? `they differ from byte ${at} on` : 'one begins with the other';
  return failure(`${what} has ${found.length} bytes, not these ${expected.length}: ${where}`);
}

/** How the body of the final answer is framed. */
export function answerFraming(allowed: readonly Framing[], spot: AnswerSpot = {}): Check {
  return onAnswer(
    (answer) =>
      expectThat(
        allowed.includes(answer.framing),
        `the answer's body is framed as ${answer.framing}, not ${allowed.join(' or ')}`,
      ),
    spot,
  );
}

/** Exactly this many requests reached the origin. */
export function requestCount(expected: number): Check {
  return ({ origin }) =>
    expectThat(
      origin.requests.length === expected,
      `${origin.requests.length} requests reached the origin, not ${expected}: ` +
        origin.requests.map((request) => `${request.method} ${request.target}`).join(', '),
    );
}

/** Not one byte of a request reached the origin. */
export const nothingForwarded: Check = ({ origin }) =>
  expectThat(
    origin.requests.length === 0 && origin.connections.every((one) => one.received.length === 0),
    `what must be refused reached the origin: ${JSON.stringify(
      Buffer.concat(origin.connections.map((one) => one.received)).toString('latin1', 0, 200),
    )}`,
  );

/** The client got exactly this many final answers on the connection. */
export function answerCount(expected: number, on = 'a'): Check {
  return (observed) => {
    const found = finalsOf(observed, on);
    const statuses = found.map((answer) => answer.status).join(', ');
    return expectThat(
      found.length === expected,
      `the client got ${found.length} answers (${statuses}) on connection ${on}, not ${expected}`,
    );
  };
}

/** The proxy ended the connection in order, and the answer was not lost to a reset. */
export function endedInOrder(on = 'a'): Check {
  return (observed) => {
    const ending = connectionOf(observed, on)?.ending ?? 'open';
    return expectThat(ending === 'ended', `the connection is ${ending}, not ended in order`);
  };
}

/** What the client received reads as answers from the first byte to the last. */
export const readableAnswers: Check = (observed) =>
  observed.client.flatMap(({ name, problem }) =>
    problem === null
      ? NOTHING
      : failure(`connection ${name} carries what is no answer: ${problem}`),
  );

/** What the origin received reads as requests from the first byte to the last. */
export const readableRequests: Check = (observed) =>
  observed.origin.connections.flatMap(({ problem }) =>
    problem === null ? NOTHING : failure(`the origin got what is no request: ${problem}`),
  );

/**
 * The request is refused with one of these statuses: one answer, the connection ended in order
 * after it, and nothing forwarded.
 */
export function refused(statuses: number | readonly number[]): Check {
  return all(status(statuses), answerCount(1), readableAnswers, nothingForwarded, endedInOrder());
}

/** The answer says `Connection: close`. */
export function saysClose(spot: AnswerSpot = {}): Check {
  return onAnswer(
    (answer) =>
      expectThat(
        values(answer.fields, 'connection').some((value) => /(^|,)\s*close\s*(,|$)/i.test(value)),
        'the answer does not say Connection: close',
      ),
    spot,
  );
}

/** All values of a field, by its name in any case. */
export function values(fields: FieldList, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return fields.flatMap(([found, value]) => (found.toLowerCase() === wanted ? [value] : []));
}

/** The request at the origin has exactly these values of the field, none by default. */
export function requestField(name: string, expected: readonly string[] = [], index = 0): Check {
  return onRequest((request) => sameValues('the request', request.fields, name, expected), index);
}

/** The client's answer has exactly these values of the field, none by default. */
export function answerField(
  name: string,
  expected: readonly string[] = [],
  spot: AnswerSpot = {},
): Check {
  return onAnswer((answer) => sameValues('the answer', answer.fields, name, expected), spot);
}

function sameValues(
  what: string,
  fields: FieldList,
  name: string,
  expected: readonly string[],
): readonly Failure[] {
  const found = values(fields, name);
  const same = JSON.stringify(found) === JSON.stringify(expected);
  return expectThat(
    same,
    `${what} has ${name} ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
  );
}

/** The request line at the origin. */
export function requestLine(method: string, target: string, index = 0): Check {
  return onRequest(
    (request) =>
      expectThat(
        request.method === method && request.target === target && request.version === '1.1',
        `the request line at the origin is ${JSON.stringify(
          `${request.method} ${request.target} HTTP/${request.version}`,
        )}, not that of ${method} ${target}`,
      ),
    index,
  );
}

/** The log line at `index`, read as the JSON object that it must be. */
export function onLogLine(
  judge: (record: Readonly<Record<string, unknown>>, line: string) => readonly Failure[],
  index = 0,
): Check {
  return ({ logLines }) => {
    const line = logLines[index];
    if (line === undefined) return failure(`there is no ${ordinal(index)} log line`);
    const record = parseObject(line);
    return record === null ? failure(`a log line is no JSON object: ${line}`) : judge(record, line);
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? Object.fromEntries(Object.entries(parsed))
      : null;
  } catch {
    return null;
  }
}

/** The log line has these values, compared as JSON; `undefined` means absent. */
export function logged(expected: Readonly<Record<string, unknown>>, index = 0): Check {
  return onLogLine(
    (record) =>
      Object.entries(expected).flatMap(([key, value]) =>
        expectThat(
          JSON.stringify(record[key]) === JSON.stringify(value),
          `the log line's ${key} is ${JSON.stringify(record[key])}, not ${JSON.stringify(value)}`,
        ),
      ),
    index,
  );
}

/** Exactly this many lines were logged. */
export function logCount(expected: number): Check {
  return ({ logLines }) =>
    expectThat(
      logLines.length === expected,
      `${logLines.length} lines were logged, not ${expected}`,
    );
}

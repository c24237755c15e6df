/**
 * Header fields: what is one, and that they go on as they came (RFC 9112 5).
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  answerField,
  expectThat,
  onAnswer,
  onRequest,
  refused,
  requestField,
  status,
  values,
} from './checks.ts';
import type { FieldList } from './observed.ts';
import { answer, exchange, get, join, refusal, reply, send, until } from './steps.ts';

const ORDERED = ['X-One: 1', 'x-TWO: 2', 'Accept: */*', 'X-One: 3', 'x-lower: 4', 'X-UPPER: 5'];
const ORDERED_NAMES = ['x-one', 'x-two', 'accept', 'x-lower', 'x-upper'];

const REPEATED = exchange(
  get('/fields', 'X-Many: one', 'Accept: a/b', 'X-Many: two', 'X-Many: one'),
  answer(reply(200, 'ok', 'X-Many: 1', 'Set-Cookie: a=b', 'X-Many: 2', 'Set-Cookie: c=d')),
);

export const FIELD_CASES: readonly ConformanceCase[] = [
  {
    id: 'fields-go-on',
    tier: 'forwarding',
    family: 'fields',
    title: 'Fields arrive with their values, those of one name in their order, both ways.',
    section: 'RFC 9110 5.3',
    fast: true,
    required: true,
    exchange: REPEATED,
    check: all(
      status(200),
      onRequest(({ fields }) => sameList('the request', fields, 'x-many', ['one', 'two', 'one'])),
      requestField('accept', ['a/b']),
      onAnswer(({ fields }) => sameList('the answer', fields, 'x-many', ['1', '2'])),
      answerField('set-cookie', ['a=b', 'c=d']),
    ),
  },
  {
    id: 'repeated-fields-stay-apart',
    tier: 'forwarding',
    family: 'fields',
    title: 'Fields of one name arrive in their number: they are not joined into one.',
    section: 'RFC 9110 5.3',
    fast: true,
    exchange: REPEATED,
    check: all(
      status(200),
      requestField('x-many', ['one', 'two', 'one']),
      answerField('x-many', ['1', '2']),
    ),
  },
  {
    id: 'field-names-and-order-are-kept',
    tier: 'strict',
    family: 'fields',
    title: 'Field names keep their case and all fields their order, both ways.',
    section: 'RFC 9110 5.3',
    exchange: exchange(get('/order', ...ORDERED), answer(reply(200, 'ok', ...ORDERED))),
    check: all(
      status(200),
      onRequest(({ fields }) => sameOrder('the request', fields)),
      onAnswer(({ fields }) => sameOrder('the answer', fields)),
    ),
  },
  {
    id: 'field-names-of-object-properties',
    tier: 'forwarding',
    family: 'fields',
    title: 'Names such as __proto__ are data: they go on, and nothing breaks.',
    section: 'RFC 9110 5.1',
    fast: true,
    exchange: exchange(
      get('/names', '__proto__: 1', 'constructor: 2', 'toString: 3', 'hasOwnProperty: 4'),
      answer(reply(200, 'ok', '__proto__: 5', 'constructor: 6')),
    ),
    check: all(
      status(200),
      requestField('__proto__', ['1']),
      requestField('constructor', ['2']),
      requestField('tostring', ['3']),
      requestField('hasownproperty', ['4']),
      answerField('__proto__', ['5']),
      answerField('constructor', ['6']),
    ),
  },
  {
    id: 'field-values-are-bytes',
    tier: 'forwarding',
    family: 'fields',
    title: 'Values with bytes beyond ASCII, tabs, quotes and colons arrive unchanged both ways.',
    section: 'RFC 9110 5.5',
    exchange: exchange(
      get('/values', 'X-Bytes: \xe4\xff\x80 "q\\"x": a\tb', 'X-Long: '.concat('v'.repeat(3000))),
      answer(reply(200, 'ok', 'X-Bytes: \xe4\xff\x80 "q\\"x": a\tb')),
    ),
    check: all(
      status(200),
      requestField('x-bytes', ['\xe4\xff\x80 "q\\"x": a\tb']),
      requestField('x-long', ['v'.repeat(3000)]),
      answerField('x-bytes', ['\xe4\xff\x80 "q\\"x": a\tb']),
    ),
  },
  {
    id: 'field-without-value',
    tier: 'forwarding',
    family: 'fields',
    title: 'A field without a value is a field.',
    section: 'RFC 9110 5.5',
    exchange: exchange(get('/empty-value', 'X-Empty:', 'X-After: 1')),
    check: all(status(200), requestField('x-empty', ['']), requestField('x-after', ['1'])),
  },
  {
    id: 'white-space-around-a-value-is-none-of-it',
    tier: 'forwarding',
    family: 'fields',
    title: 'Spaces and tabs around a value, or none at all, do not change it.',
    section: 'RFC 9112 5.1',
    exchange: exchange(get('/spaces', 'X-Wide: \t one two \t', 'X-Narrow:three')),
    check: all(
      status(200),
      requestField('x-wide', ['one two']),
      requestField('x-narrow', ['three']),
    ),
  },
  {
    id: 'head-in-one-byte-writes',
    tier: 'forwarding',
    family: 'fields',
    title: 'Heads that come byte by byte are read as if they had come at once, both ways.',
    section: 'RFC 9112 2.2',
    fast: true,
    exchange: {
      client: [
        send(get('/slow-head', 'X-A: 1', 'X-B: 2'), { pieceBytes: 1 }),
        until('client-response'),
      ],
      origin: [{ steps: [send(reply(200, 'slow', 'X-C: 3'), { pieceBytes: 1 })] }],
    },
    check: all(
      status(200),
      requestField('x-a', ['1']),
      requestField('x-b', ['2']),
      answerField('x-c', ['3']),
      answerBody('slow'),
    ),
  },
  malformed('field-ended-by-bare-lf', 'A line ended by a bare LF', 'X-A: 1\nX-B: 2'),
  malformed('field-with-bare-cr', 'A bare CR in a value', 'X-A: 1\r2'),
  malformed('field-folded', 'A folded line (obs-fold)', 'X-A: 1\r\n 2'),
  malformed('field-with-space-before-colon', 'White space before the colon', 'X-A : 1'),
  malformed('field-with-tab-before-colon', 'A tab before the colon', 'X-A\t: 1'),
  malformed('field-without-name', 'An empty name', ': 1'),
  malformed('field-without-colon', 'A line without a colon', 'X-A 1'),
  malformed('field-name-no-token', 'A name that is not a token', 'X(A): 1'),
  malformed('field-name-beyond-ascii', 'A name with a byte beyond ASCII', 'X-\xe4: 1'),
  malformed('field-with-nul', 'NUL in a value', 'X-A: 1\x002'),
  malformed('field-with-control-byte', 'A control byte in a value', 'X-A: 1\x0b2'),
  malformed('field-with-delete', 'The byte 7F in a value', 'X-A: 1\x7f2'),
  {
    id: 'white-space-before-first-field',
    tier: 'strict',
    family: 'fields',
    title: 'White space at the start of the first field line is refused.',
    section: 'RFC 9112 2.2',
    exchange: refusal(
      join('GET / HTTP/1.1\r\n Host: test.example\r\nHost: test.example\r\n\r\n', get('/smuggled')),
    ),
    check: refused(400),
  },
];

function malformed(id: string, what: string, line: string): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'fields',
    title: `${what} is refused, and nothing after it is a request.`,
    section: 'RFC 9112 5',
    exchange: refusal(join(get(`/${id}`, line, 'X-Last: 1'), get('/smuggled'))),
    check: refused(400),
  };
}

/** The values in this order, whether or not they were joined by commas on the way. */
function sameList(what: string, fields: FieldList, name: string, expected: readonly string[]) {
  const found = values(fields, name).flatMap((value) => value.split(',').map((one) => one.trim()));
  return expectThat(
    JSON.stringify(found) === JSON.stringify(expected),
    `${what} has in ${name} ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
  );
}

function sameOrder(what: string, fields: FieldList) {
  const found = fields
    .filter(([name]) => ORDERED_NAMES.includes(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}`);
  return expectThat(
    JSON.stringify(found) === JSON.stringify(ORDERED),
    `${what} has the fields ${JSON.stringify(found)}, not ${JSON.stringify(ORDERED)}`,
  );
}

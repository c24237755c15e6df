/** The matrix as people see it, in the terminal and as Markdown. */
import { expect, test } from 'vitest';
import { MATRIX } from './fixtures/matrix.ts';
import { matrixMarkdown } from './matrix-markdown.ts';
import { renderMatrix } from './render-matrix.ts';

test('the table comes first, then broken claims with their bytes, then what is declared', () => {
  expect(renderMatrix(MATRIX, { color: false, width: 60 })).toMatchInlineSnapshot(`
    "good: 1.0.0; claims forwarding, strict
    from-npm: 2.0.0, undici 7.1.0; claims forwarding
    ./broken.ts: claims forwarding
    splice: claims no tier
    absent: not available here: the package absent is not
      installed. npm install absent in the project where you run
      hopmark.

                  good  from-npm  ./broken.ts  splice
    forwarding     2/2        -2          1/2   (1/2)
      bodies       1/1        -1          1/1   (1/1)
      hop-by-hop   1/1        -1          0/1   (0/1)
    strict         1/1         -            -       -
      hosts        1/1         -            -       -

    6/6 -2: of the cases that it claims, 6 of 6 hold; 2 more it
    declares not to meet. (3/8): it does not claim the tier, and
    3 of 8 hold.

    ./broken.ts, claimed and not met:

    FAILED keep-alive (forwarding, hop-by-hop)
      The case keep-alive holds. [RFC 9110 1]
      - it went on
      sent:
        GET /x HTTP/1.1\\r\\n
        Keep-Alive: 1\\r\\n
        \\r\\n
      the origin received:
        GET /x HTTP/1.1\\r\\n
        Keep-Alive: 1\\r\\n
        \\r\\n
      answered:
        HTTP/1.1 200 OK\\r\\n
        \\r\\n
        [the connection stays open]
      hopmark conform ./broken.ts --case keep-alive

    good, not tried:
      - it runs already
        reload

    from-npm, not met and not claimed:
      - Keep-Alive goes on | to the upstream
        keep-alive
      hopmark conform from-npm --case ID shows one with its bytes

    splice, not met and not claimed:
      - it went on
        keep-alive
      hopmark conform splice --case ID shows one with its bytes

    ! from-npm meets what it declares that it cannot: body

    3 of 4 meet what they claim; not ./broken.ts; not available
      here: absent
    "
  `);
});

test('colour changes nothing but colour', () => {
  const plain = renderMatrix(MATRIX, { color: false, width: 80 });
  const colored = renderMatrix(MATRIX, { color: true, width: 80 });
  expect(colored).not.toBe(plain);
  expect(colored.replace(/\u001b\[\d*m/g, '')).toBe(plain);
});

test.each([50, 80, 120])('no line is wider than %i columns', (width) => {
  const lines = renderMatrix(MATRIX, { color: false, width }).split('\n');
  const commands = /hopmark conform/;
  expect(lines.filter((line) => line.length > width && !commands.test(line))).toEqual([]);
});

test('Markdown lists what is not met by reason, with the command for its bytes', () => {
  expect(matrixMarkdown(MATRIX, { evidence: false, level: 2 })).toMatchInlineSnapshot(`
    "## Conformance

    | implementation | version | claims | meets what it claims |
    | :--- | :--- | :--- | :--- |
    | \`good\` | 1.0.0 | forwarding, strict | yes |
    | \`from-npm\` | 2.0.0, undici 7.1.0 | forwarding | yes |
    | \`./broken.ts\` | n/a | forwarding | no: 1 fail |
    | \`splice\` | n/a | nothing |  |
    | \`absent\` | n/a | n/a | not available here: the package absent is not installed |

    |  | good | from-npm | ./broken.ts | splice |
    | :--- | ---: | ---: | ---: | ---: |
    | **forwarding** | 2/2 | -2 | 1/2 | (1/2) |
    | bodies | 1/1 | -1 | 1/1 | (1/1) |
    | hop-by-hop | 1/1 | -1 | 0/1 | (0/1) |

    |  | good |
    | :--- | ---: |
    | **strict** | 1/1 |
    | hosts | 1/1 |

    Each cell is passed of claimed: \`6/6 -2\` is 6 of 6, and two more that it declares not to meet; \`(3/8)\` is 3 of 8 in a tier that it does not claim.

    ### good

    Not tried:

    - it runs already: \`reload\`

    ### from-npm

    Not met, and not claimed:

    - Keep-Alive goes on \\| to the upstream: \`keep-alive\`

    \`hopmark conform from-npm --case ID\` shows one with its bytes.

    It meets what it declares that it cannot: \`body\`.

    ### ./broken.ts

    It claims to meet these, and does not:

    - it went on: \`keep-alive\`

    \`hopmark conform ./broken.ts --case ID\` shows one with its bytes.

    ### splice

    Not met, and not claimed:

    - it went on: \`keep-alive\`

    \`hopmark conform splice --case ID\` shows one with its bytes.
    "
  `);
});

test('Markdown folds the bytes of each case that is not met', () => {
  const text = matrixMarkdown(MATRIX, { evidence: true, level: 2 });
  expect(text.match(/<details>/g)).toHaveLength(3);
  expect(text).toContain(
    '<summary><code>keep-alive</code>: Keep-Alive goes on \\| to the upstream',
  );
  expect(text).toContain('the origin received:\n  GET /x HTTP/1.1\\r\\n\n  Keep-Alive: 1\\r\\n');
  expect(text).toContain('`hopmark conform from-npm --case keep-alive`');
});

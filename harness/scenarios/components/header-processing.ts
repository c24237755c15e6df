/**
 * The scenario `header-processing`: a request's head as it came in, as bytes, to the head that goes
 * to the upstream, as bytes. It holds all that an implementation does in between: reading, judging,
 * leaving behind what is for one hop, adding what says who forwarded it.
 */
import type { ComponentCase, ComponentScenario } from '../../model/component.ts';
import { createRandom } from '../../model/random.ts';
import { headOf, targetOf } from './head-operands.ts';
import { createOperation } from './operation.ts';

const HEADS = 256;
const PEER = '192.0.2.1';

export const HEADER_PROCESSING: ComponentScenario = {
  name: 'header-processing',
  title: "a request's head from the client to the head for the upstream",
  description:
    'Bytes in, bytes out: the head is read and judged, fields of one hop are left behind, X-Forwarded-* and Via are added. Simple: 5 fields. Typical: 10, as a browser sends. Complex: 40, with 24 cookies, a token of 780 letters and trace fields, about 4 KB. For the original, which has no such function, the two ends are stood in for by plain splits and joins.',
  revision: 1,
  cases: [filtering('simple', 5), filtering('typical', 10), filtering('complex', 40)],
};

function filtering(name: string, fieldCount: number): ComponentCase {
  return {
    name,
    title: `${fieldCount} fields`,
    prepare: (components, { policy, seed }) => {
      const random = createRandom(seed);
      const filter = components.headFilter(policy, PEER);
      return createOperation({
        operands: Array.from({ length: HEADS }, () => headOf(targetOf(random), fieldCount, random)),
        act: (head) => filter.filter(head),
        score: (head) => head.length + (head[head.length - 5] ?? 0),
        describe: meaning,
      });
    },
  };
}

/** Added fields may stand anywhere, and names are written in any case. */
function meaning(head: Buffer): string {
  const [line = '', ...fields] = head.toString('latin1').trimEnd().split('\r\n');
  const plain = fields.map((field) => {
    const colon = field.indexOf(':');
    return `${field.slice(0, colon).toLowerCase()}${field.slice(colon)}`;
  });
  return [line, ...plain.sort()].join('\n');
}

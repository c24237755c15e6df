/**
 * What a traffic scenario is: a small declarative document that says which requests are sent, how
 * often, and how each is answered. The built-in ones hold figures (shares, curves, quantiles) and
 * invented text, never recorded traffic; a recorded one is what a user made of traffic of their own.
 * It deliberately does not generate anything: `scenarios/traffic.ts` turns a document and a seed into
 * bytes.
 */
import { createHash } from 'node:crypto';

/** A header field as it is written on the wire. */
export type Field = readonly [name: string, value: string];

/** A point of a quantile function: at `share` of the requests (0..1) the value is at most `value`. */
export type QuantilePoint = readonly [share: number, value: number];

/** A point of a popularity curve: the `rank` most popular targets get `share` of the requests. */
export type CurvePoint = readonly [rank: number, share: number];

/** A document that describes traffic. */
export type Scenario = FixedScenario | MixScenario | RecordedScenario | WebSocketScenario;

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
  /** What is not as usual around the traffic; missing: nothing. */
  readonly conditions?: TrafficConditions;
}

/** Beside the usual: kept connections, 32 requests in flight, an origin that answers at once, one policy. */
export interface TrafficConditions {
  /** Requests in flight in a loaded wave: 1 to 1,024. */
  readonly concurrency?: number;
  /** The origin answers so much later, by a timer of a millisecond: 1 to 10,000. */
  readonly originDelayMs?: number;
  /** Every request on a connection of its own, which it asks to close (RFC 9112 9.6). */
  readonly connections?: 'one-each';
  /** Rules beside those of the policy, none of which matches any request: 1 to 10,000. */
  readonly extraRules?: number;
  /** Another policy that decides alike is put in force this often: 10 to 60,000 ms. */
  readonly reloadEveryMs?: number;
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

/** Text messages on upgraded connections, one after the other, each of which the origin echoes (RFC 6455). */
export interface WebSocketScenario extends ScenarioHead {
  readonly kind: 'websocket';
  readonly target: string;
  /** Fields of the opening handshake beside Host, Upgrade, Connection and Sec-WebSocket-*. */
  readonly fields: readonly Field[];
  /** Payload of a message: 4 to 65,535 bytes. */
  readonly messageBytes: number;
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

/** Requests as they were recorded, in their order, each answered as it was answered then. */
export interface RecordedScenario extends ScenarioHead {
  readonly kind: 'recorded';
  /** The distinct ones. */
  readonly exchanges: readonly RecordedExchange[];
  /** Indices of exchanges in the order of the recording, which is sent over and over. */
  readonly order: readonly number[];
}

/** A recorded request and its answer. Of bodies the size is known, never what they held. */
export interface RecordedExchange {
  readonly method: string;
  readonly target: string;
  /** Where it is not the scenario's. */
  readonly host?: string;
  /** Fields beside Host and framing, in order. */
  readonly fields: readonly Field[];
  /** 0 for a request without a body. */
  readonly bodyBytes: number;
  readonly answer: {
    readonly status: number;
    /** Fields beside Content-Length, in order. */
    readonly fields: readonly Field[];
    readonly bodyBytes: number;
  };
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
          /** Content-Type of the answer; default: text/html. */
          readonly answerType?: string;
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

/** A body larger than this is no part of a mix: it would measure copying, not the hop. */
export const MAX_BODY_BYTES = 65_536;

/** Where there is one request, or they were recorded, bodies may be larger, up to this: 16 MiB. */
export const MAX_LARGE_BODY_BYTES = 16_777_216;

/** The most that a WebSocket frame with a length of 16 bits carries. */
export const MAX_MESSAGE_BYTES = 65_535;

/** The most requests that a recorded scenario holds. */
export const MAX_RECORDED_REQUESTS = 65_536;

/**
 * What is kept of an access log: shares, curves and quantiles. `scripts/derive-traffic.ts` makes them,
 * a mix scenario is built from them. Types only.
 */
import type { CurvePoint, QuantilePoint } from '../model/scenario.ts';

/** What is kept of a log. Shares are of GET requests unless said otherwise, with 4 decimals. */
export interface TrafficFigures {
  readonly requests: number;
  /** Lines that are not in the format. */
  readonly skipped: number;
  readonly distinctTargets: number;
  /** Of all requests. */
  readonly methods: readonly { method: string; share: number; distinct: number }[];
  /** Over all targets. */
  readonly popularity: readonly CurvePoint[];
  /** Bytes of a request target by share of the requests. */
  readonly targetLength: readonly QuantilePoint[];
  readonly statuses: readonly {
    status: number;
    share: number;
    bytes: readonly QuantilePoint[];
  }[];
  /** Targets with at least 1.2 %, most popular first, without their names. */
  readonly popular: readonly { section: string; media: string; share: number; bytes: number }[];
  /** All other targets. */
  readonly sections: readonly {
    name: string;
    share: number;
    distinct: number;
    curve: readonly CurvePoint[];
    media: readonly { media: string; share: number }[];
  }[];
  readonly media: readonly {
    media: string;
    audience: readonly { family: string; share: number }[];
    /** Of 200 answers for targets that are not popular ones. */
    bytes: readonly QuantilePoint[];
  }[];
  readonly clients: readonly {
    family: string;
    client: string;
    /** Of its family. */
    share: number;
    refererShare: number;
  }[];
  /** Of the requests with a Referer, those from another site. */
  readonly foreignRefererShare: number;
}

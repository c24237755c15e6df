/** A doubt about a result, carried on the result. It never prevents the analysis. */
export interface Warning {
  /** A stable kebab-case name, such as `no-affinity`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** The machine and the software that a run was measured on. */
export interface Environment {
  readonly cpuModel: string;
  /** CPUs that this process may use. */
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly node: string;
  readonly v8: string;
  /** The commit of the working folder, or null outside a git checkout. */
  readonly commit: string | null;
  readonly dirty: boolean;
  /** Over the whole run, 0..1, or null where the system does not say. */
  readonly stealFraction: number | null;
  /** Identifies machines whose times may be compared: CPU, count, OS, Node. */
  readonly fingerprint: string;
}

/**
 * Changes as people write them (a fraction of the reference) and as they are computed (a natural
 * logarithm of a ratio), both as harm: positive is a change for the worse. On the logarithmic
 * scale a change and its reverse have the same size, which is what makes a comparison say the
 * opposite when its sides are swapped.
 */

export type Better = 'lower' | 'higher';

/**
 * The harm of a fraction for the worse: for a lower-is-better metric 0.05 is a ratio of 1.05, for
 * a higher-is-better one it is a ratio of 0.95.
 */
export function harmOfFraction(fraction: number, better: Better): number {
  return better === 'lower' ? Math.log1p(fraction) : -Math.log1p(-fraction);
}

/** The reverse of {@link harmOfFraction}. */
export function fractionOfHarm(harm: number, better: Better): number {
  return better === 'lower' ? Math.expm1(harm) : -Math.expm1(-harm);
}

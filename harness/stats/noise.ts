/** Seeded noise, for simulations and for tests of statistics. */
import type { Random } from '../model/random.ts';

/** A standard normal value (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}

/** Symmetric noise with heavy tails: Student's t with 3 degrees of freedom, variance 3. */
export function heavyTailed(random: Random): number {
  const square = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
  return normal(random) / Math.sqrt(square / 3);
}

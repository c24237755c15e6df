/**
 * Deals weighted things out to categories so that the weights come out as the declared shares say,
 * whatever the seed. Drawing each at random would not do: one target in a hundred thousand requests
 * carries a twentieth of them, and its category's share would differ from seed to seed.
 */

import type { Random } from '../model/random.ts';
import type { QuantilePoint } from '../model/scenario.ts';
import { shuffleInPlace } from './shuffle.ts';

/**
 * The index of a category for each item. Heavy items are dealt first, at random among the categories
 * that still have room for them, so light ones even the shares out: each share is met to within the
 * weight of the lightest items. `shares` need not add up to 1.
 */
export function apportion(
  weights: readonly number[],
  shares: readonly number[],
  random: Random,
): number[] {
  const total = sum(weights);
  const whole = sum(shares);
  const room = shares.map((share) => (share / whole) * total);
  const result: number[] = new Array(weights.length).fill(0);
  const order = shuffleInPlace([...weights.keys()], random);
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  for (const item of order) {
    const weight = weights[item] ?? 0;
    const category = pickCategory(room, weight, random);
    room[category] = (room[category] ?? 0) - weight;
    result[item] = category;
  }
  return result;
}

/** Proportionally to the room left, among those with enough of it; else the one with the most. */
function pickCategory(room: readonly number[], weight: number, random: Random): number {
  const fitting = room.map((left) => (left >= weight * 0.999_999 ? left : 0));
  let ticket = random.float() * sum(fitting);
  if (ticket === 0) return room.indexOf(Math.max(...room));
  for (const [category, left] of fitting.entries()) {
    ticket -= left;
    if (left > 0 && ticket < 0) return category;
  }
  return fitting.findLastIndex((left) => left > 0);
}

/** A whole number for each item, so that the items' weights follow the quantile function. */
export function apportionQuantiles(
  weights: readonly number[],
  points: readonly QuantilePoint[],
  random: Random,
): number[] {
  const total = sum(weights);
  const result: number[] = new Array(weights.length).fill(0);
  let before = 0;
  for (const item of shuffleInPlace([...weights.keys()], random)) {
    const weight = weights[item] ?? 0;
    result[item] = quantileAt(points, (before + weight / 2) / total);
    before += weight;
  }
  return result;
}

/** The value at `share`, interpolated between the points and rounded. */
function quantileAt(points: readonly QuantilePoint[], share: number): number {
  const after = points.findIndex(([at]) => at >= share);
  const [highShare, high] = points[after] ?? [1, 0];
  const [lowShare, low] = points[after - 1] ?? [highShare, high];
  if (highShare === lowShare) return Math.round(high);
  return Math.round(low + ((high - low) * (share - lowShare)) / (highShare - lowShare));
}

/** The sum of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

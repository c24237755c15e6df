import { expect, test } from 'vitest';
import { layoutTable, wrap } from './layout.ts';
import { createPaint } from './style.ts';

const plain = createPaint(false);

test('a table pads each column to its widest cell and narrows its gaps where it must', () => {
  const columns = [{ align: 'left' }, { align: 'right' }] as const;
  const rows = [
    [{ text: 'hop' }, { text: '1.00' }],
    [{ text: 'throughput' }, { text: '12.5' }],
  ];
  expect(layoutTable(columns, rows, { width: 80, paint: plain })).toEqual([
    'hop         1.00',
    'throughput  12.5',
  ]);
  expect(layoutTable(columns, rows, { width: 15, paint: plain })).toEqual([
    'hop        1.00',
    'throughput 12.5',
  ]);
});

test('colour does not move a column', () => {
  const rows = [
    [{ text: 'a', style: 'red' as const }, { text: 'b' }],
    [{ text: 'long' }, { text: 'c' }],
  ];
  const columns = [{ align: 'left' }, { align: 'left' }] as const;
  const [first] = layoutTable(columns, rows, { width: 80, paint: createPaint(true) });
  expect(first).toBe('\u001b[31ma\u001b[0m     b');
});

test('text wraps between words, indented under its first line, and long words are not cut', () => {
  expect(wrap('one two three', 9, '! ')).toEqual(['! one two', '  three']);
  expect(wrap('averyveryverylongword x', 9, '! ')).toEqual(['! averyveryverylongword', '  x']);
  expect(wrap('', 9, '! ')).toEqual(['! ']);
});

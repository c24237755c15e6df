/**
 * Invented names for invented sites: paths are made of these words, after the shape that a scenario
 * gives. Nothing here was recorded anywhere.
 */
import type { Random } from '../model/random.ts';

const WORDS: readonly string[] =
  `amber anchor apple arrow autumn basin beacon birch blanket border bottle branch bridge bronze
  bucket button cabin candle canvas carbon castle cedar chapel circle clover cobalt comet copper
  coral corner cotton crater crystal current daisy delta desert diamond dragon eagle early echo
  ember engine falcon feather fern field fiddle forest fossil garden ginger glacier golden granite
  gravel harbor harvest hazel helmet hollow honey island ivory jacket jasmine journal jungle kettle
  kitchen ladder lantern laurel lemon linen lizard magnet maple marble meadow melon metal mirror
  mountain nectar needle north olive orange orbit orchard oyster paper pebble pepper pigeon pillow
  pine planet pocket pollen prairie quartz quiet rabbit ribbon river rocket rope saddle saffron
  sail salmon sand scarlet season shadow shell signal silver sketch slate smoke spring spruce stone
  summer sunset table tandem temple thistle thunder timber tower trail tulip tunnel valley velvet
  violet walnut water whistle willow window winter wool yarrow yellow zephyr`
    .split(/\s+/)
    .filter((word) => word !== '');

/**
 * A path after `template` that is not in `taken`, to which it is added. `{word}` is one word, `{slug}`
 * two to four joined by dashes, `{long}` five to nine, `{year}` 2004 to 2026, `{n}` 1 to 99.
 */
export function inventPath(template: string, random: Random, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const filled = template.replace(/\{(\w+)\}/g, (_, hole: string) => fillHole(hole, random));
    const path = attempt < 20 ? filled : numbered(filled, attempt - 19);
    if (!taken.has(path)) {
      taken.add(path);
      return path;
    }
  }
}

function fillHole(hole: string, random: Random): string {
  switch (hole) {
    case 'word':
      return words(1, random);
    case 'slug':
      return words(2 + random.below(3), random);
    case 'long':
      return words(5 + random.below(5), random);
    case 'year':
      return String(2004 + random.below(23));
    case 'n':
      return String(1 + random.below(99));
    default:
      throw new Error(`unknown hole {${hole}} in a path template`);
  }
}

/** One word. */
export function inventWord(random: Random): string {
  return words(1, random);
}

function words(count: number, random: Random): string {
  return Array.from({ length: count }, () => WORDS[random.below(WORDS.length)]).join('-');
}

/** Where a template has run out of names: a number before the extension or the query. */
function numbered(path: string, number: number): string {
  return path.replace(/(\/|\.[a-z0-9]+)?(\?.*)?$/, (end) => `-${number}${end}`);
}

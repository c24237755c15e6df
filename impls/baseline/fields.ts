/**
 * Header fields as lists of [name, value] in the order in which they came, and the questions that
 * rules and checks ask of them. Names keep their case; values are latin-1.
 */

/** One field as received. */
export type Field = readonly [name: string, value: string];

/** The flat list of `rawHeaders`, `rawTrailers` and undici's raw headers, as pairs. */
export function toFields(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return fields;
}

/** The values of every field by its lower-case name. A Map, since a name may be `__proto__`. */
export function byName(fields: readonly Field[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

/** The lower-case members of a comma-separated list spread over any number of fields. */
export function listMembers(values: readonly string[] | undefined): string[] {
  return (values ?? [])
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '');
}

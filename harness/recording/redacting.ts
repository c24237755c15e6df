/**
 * What of a recording never reaches a scenario: the values of header fields that carry credentials
 * and of query parameters that do, and user names in URLs. A field's value is replaced by as many
 * letters, so that heads keep their size. It cannot know a secret in a path, or under a name that
 * does not sound like one.
 */
import {
  ALWAYS_REDACTED_FIELDS,
  DEFAULT_REDACTED_FIELDS,
  DEFAULT_REDACTED_QUERY,
  redactTarget,
} from '../../impls/policy/redact.ts';
import type { Field } from '../model/scenario.ts';

const FIELDS: ReadonlySet<string> = new Set([
  ...ALWAYS_REDACTED_FIELDS,
  ...DEFAULT_REDACTED_FIELDS,
]);
/** A field that is named like this is one of an application's own. */
const SECRET_NAME = /token|secret|passw|session|api[-_]?key|cookie|jwt|signature|credential/i;
/** What a server lets browsers do is no secret. */
const PUBLIC_NAME = /^access-control-/i;
const QUERY: ReadonlySet<string> = new Set(DEFAULT_REDACTED_QUERY);
const LETTER = 'x';

/** Redacts, and counts what it redacted. */
export class Redaction {
  fields = 0;
  queryValues = 0;

  /** A field whose value may be kept, or has been replaced. */
  field([name, value]: Field): Field {
    if (FIELDS.has(name.toLowerCase()) || (SECRET_NAME.test(name) && !PUBLIC_NAME.test(name))) {
      this.fields += 1;
      return [name, LETTER.repeat(value.length)];
    }
    return [name, this.#urls(value)];
  }

  /** A target without secrets in its query. */
  target(target: string): string {
    const redacted = redactTarget(target, new Set([...QUERY, ...secretNames(target)]));
    if (redacted !== target) this.queryValues += 1;
    return redacted;
  }

  /** A value that is a URL, such as a Referer's, may have the same in it. */
  #urls(value: string): string {
    if (!/^(?:https?:\/)?\//i.test(value)) return value;
    return this.target(value.replace(/^(https?:\/\/)[^/@?#]*@/i, '$1'));
  }
}

/** The names in a target's query that sound like a secret's, in lower case. */
function secretNames(target: string): readonly string[] {
  const [, query = ''] = /\?(.*)$/s.exec(target) ?? [];
  return query.split(/[&;]/).flatMap((parameter) => {
    const [name = ''] = parameter.split('=', 1);
    return SECRET_NAME.test(name) ? [name.toLowerCase()] : [];
  });
}

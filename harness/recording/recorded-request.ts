/** One request and its answer as a recording tells them, before anything is made of it. */
import type { Field } from '../model/scenario.ts';

/** What a reader of any format gives. */
export interface RecordedRequest {
  readonly method: string;
  /** Origin-form, or an absolute URL. */
  readonly target: string;
  /** Where the format names it. */
  readonly host: string | null;
  /** Header fields as far as they are known. */
  readonly fields: readonly Field[];
  /** 0 where it is not known. */
  readonly bodyBytes: number;
  /** 0: there was no answer. */
  readonly status: number;
  readonly answerFields: readonly Field[];
  readonly answerBytes: number;
}

/** A reader gives a request, or a part of the input that it cannot read. */
export type RecordedItem =
  | { readonly request: RecordedRequest }
  | { readonly unreadable: UnreadablePart };

/** What could not be read, for people to find it. */
export interface UnreadablePart {
  /** Lines, or entries of a HAR file, count from 1. */
  readonly number: number;
  /** Its beginning, control bytes escaped. */
  readonly beginning: string;
}

const SHOWN_CHARACTERS = 60;

/** An unreadable part as it is shown. */
export function unreadable(number: number, text: string): RecordedItem {
  const beginning = text.slice(0, SHOWN_CHARACTERS);
  const escaped = beginning.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const more = text.length > SHOWN_CHARACTERS ? '...' : '';
  return { unreadable: { number, beginning: `${escaped}${more}` } };
}

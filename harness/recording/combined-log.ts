/**
 * Requests out of an access log in the common or the combined format, as Apache, nginx and others
 * write it. Whatever stands before the date and after the user agent is let pass.
 */
import type { Field } from '../model/scenario.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** Every part is bounded, so that no line makes the pattern try for long. */
const LINE =
  /^[^["]{1,512}\[[^\]"]{1,64}\] "((?:[^"\\]|\\.){1,32768})" (\d{3}) (\d{1,15}|-)(?: "((?:[^"\\]|\\.){0,32768})" "((?:[^"\\]|\\.){0,32768})"(?= |$)|(?! ")(?= |$))/;
const REQUEST = /^(\S+) (\S+) HTTP\/\d(?:\.\d)?$/;

/** The request of a line, or null if it is not in the format. */
export function readCombinedLine(line: string): RecordedRequest | null {
  const [, request, status, bytes, referer = '-', agent = '-'] = LINE.exec(line) ?? [];
  if (request === undefined) return null;
  const [, method, target] = REQUEST.exec(plain(request)) ?? [];
  if (method === undefined || target === undefined) return null;
  const fields: Field[] = [];
  if (agent !== '-' && agent !== '') fields.push(['User-Agent', plain(agent)]);
  if (referer !== '-' && referer !== '') fields.push(['Referer', plain(referer)]);
  return {
    method,
    target,
    host: null,
    fields,
    bodyBytes: 0,
    status: Number(status),
    answerFields: [],
    answerBytes: bytes === '-' ? 0 : Number(bytes),
  };
}

/** `\"`, `\\`, `\xhh` and the letters that servers escape control bytes with. */
function plain(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

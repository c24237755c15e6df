/**
 * The sections of the RFCs that say something of a proxy's messages, in their order, so that what is
 * covered can be seen beside what is not. A section that no case names says why.
 */

/** A section, and why no case is its own, if none is. */
export interface RfcSection {
  /** As cases name it: `RFC 9112 6.3`. */
  readonly name: string;
  readonly title: string;
  readonly uncovered?: string;
}

/** Sections by their numbers. Those that are about caches, browsers or registries are left out. */
export const RFC_SECTIONS: readonly RfcSection[] = [
  ...sections('RFC 9112', [
    ['2.2', 'Message parsing'],
    ['2.3', 'HTTP version'],
    ['3', 'Request line'],
    [
      '3.1',
      'Method',
      'methods are of RFC 9110 9; one that is no token is a malformed request line',
    ],
    ['3.2', 'Request target, Host'],
    ['3.2.1', 'Origin-form'],
    ['3.2.2', 'Absolute-form'],
    ['3.2.3', 'Authority-form', 'it comes with CONNECT alone, which is refused (RFC 9110 9.3.6)'],
    ['3.2.4', 'Asterisk-form'],
    ['3.3', 'Reconstructing the target URI', 'the target goes on as it was received'],
    ['4', 'Status line'],
    ['5', 'Field syntax'],
    ['5.1', 'Field line parsing'],
    [
      '5.2',
      'Obsolete line folding',
      'refused like other malformed lines: `field-folded`, `upstream-field-folded`',
    ],
    ['6', 'Message body', 'its subsections have the cases'],
    ['6.1', 'Transfer-Encoding'],
    ['6.2', 'Content-Length'],
    ['6.3', 'Message body length'],
    ['7', 'Transfer codings'],
    ['7.1', 'Chunked transfer coding'],
    ['7.1.1', 'Chunk extensions'],
    ['7.1.2', 'Chunked trailer section'],
    [
      '7.2',
      'Transfer codings for compression',
      'refused like other unknown codings: `transfer-encoding-of-another-coding`',
    ],
    [
      '7.4',
      'Negotiating transfer codings',
      '`te-is-removed` and `te-trailers-is-kept` of RFC 9110',
    ],
    ['8', 'Handling incomplete messages'],
    ['9', 'Connection management'],
    ['9.2', 'Associating a response to a request'],
    ['9.3', 'Persistence'],
    ['9.3.1', 'Retrying requests'],
    ['9.3.2', 'Pipelining'],
    ['9.4', 'Concurrency', 'how many connections there are is no message'],
    ['9.5', 'Failures and timeouts'],
    ['9.6', 'Tear-down'],
    ['9.7', 'TLS connection initiation'],
    [
      '9.8',
      'TLS connection closure',
      'a body that ends short is told by its framing, however the connection ended',
    ],
    [
      '11.1',
      'Response splitting',
      'no field of an answer is made of a request; `field-with-bare-cr` and its like',
    ],
    ['11.2', 'Request smuggling', 'what 6.3 and 7.1 refuse, each with a request behind it'],
  ]),
  ...sections('RFC 9110', [
    ['4.3.4', 'https certificate verification'],
    ['5.1', 'Field names'],
    ['5.3', 'Field order'],
    ['5.4', 'Field limits'],
    ['5.5', 'Field values'],
    ['6.5', 'Trailer fields'],
    ['6.5.1', 'Limitations on use of trailers'],
    ['6.6.1', 'Date'],
    ['7.2', 'Host and :authority'],
    ['7.6.1', 'Connection'],
    ['7.6.2', 'Max-Forwards'],
    ['7.6.3', 'Via'],
    ['7.7', 'Message transformations', 'none is made; `content-coding-is-left-alone`'],
    ['7.8', 'Upgrade'],
    ['8.4', 'Content-Encoding'],
    ['8.6', 'Content-Length'],
    ['9', 'Methods'],
    ['9.1', 'Methods, overview'],
    ['9.2.2', 'Idempotent methods'],
    ['9.3.2', 'HEAD'],
    ['9.3.6', 'CONNECT'],
    ['9.3.7', 'OPTIONS'],
    ['9.3.8', 'TRACE'],
    ['10.1.1', 'Expect'],
    ['10.1.4', 'TE'],
    ['11.6', 'Authenticating users with origin servers'],
    [
      '11.7',
      'Authenticating clients with proxies',
      'the proxy asks for no credentials; `proxy-authorization-is-removed`, `proxy-authenticate-is-removed`',
    ],
    ['13', 'Conditional requests'],
    ['14', 'Range requests'],
    ['15', 'Status codes'],
    ['15.2', 'Informational 1xx'],
    ['15.2.2', '101 Switching Protocols'],
    ['15.4', 'Redirection 3xx'],
    ['15.5.9', '408 Request Timeout'],
    ['15.5.14', '413 Content Too Large'],
    ['15.5.15', '414 URI Too Long'],
    ['15.6.3', '502 Bad Gateway'],
    ['15.6.5', '504 Gateway Timeout'],
  ]),
  ...sections('RFC 7239', [
    ['4', 'Forwarded'],
    ['8.1', 'Header validity and integrity'],
  ]),
];

function sections(
  rfc: string,
  all: readonly (readonly [number: string, title: string, uncovered?: string])[],
): readonly RfcSection[] {
  return all.map(([number, title, uncovered]) => {
    const name = `${rfc} ${number}`;
    return uncovered === undefined ? { name, title } : { name, title, uncovered };
  });
}

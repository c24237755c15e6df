import { describe, expect, test } from 'vitest';
import { formatAddress, isUrl, parseOrigin, parseProxyUrl } from './loopback-address.ts';

test.each([
  ['http://127.0.0.1:8080', true],
  ['https://a', true],
  ['ftp://a', true],
  ['optimized', false],
  ['./http://x.ts', false],
  ['file:///a/b.ts', false],
])('%s is meant as a URL: %s', (spec, expected) => {
  expect(isUrl(spec)).toBe(expected);
});

describe('the URL of a proxy', () => {
  test.each([
    ['http://127.0.0.1:8080', '127.0.0.1', 8080],
    ['http://127.1.2.3:8080/', '127.1.2.3', 8080],
    ['http://localhost', 'localhost', 80],
    ['HTTP://[::1]:9000', '::1', 9000],
  ])('%s', (spec, host, port) => {
    expect(parseProxyUrl(spec)).toEqual({ host, port });
  });

  test.each([
    ['https://127.0.0.1:8443', 'no-https', /TLS/],
    ['http://127.0.0.1:8080/api', 'bad-address', /is not the URL of a proxy/],
    ['http://user@127.0.0.1:8080', 'bad-address', /is not the URL of a proxy/],
    ['ftp://127.0.0.1', 'bad-address', /is not the URL of a proxy/],
    ['http://', 'bad-address', /is not the URL of a proxy/],
    ['http://127.0.0.1:0', 'bad-address', /names no port/],
    ['http://example.com:8080', 'not-loopback', /not on this machine/],
    ['http://10.0.0.1:8080', 'not-loopback', /not on this machine/],
    ['http://127.evil.example:80', 'not-loopback', /not on this machine/],
    ['http://0.0.0.0:8080', 'not-loopback', /not on this machine/],
  ])('%s is refused', (spec, code, message) => {
    const attempt = (): unknown => parseProxyUrl(spec);
    expect(attempt).toThrow(expect.objectContaining({ side: 'user', code }));
    expect(attempt).toThrow(message);
  });
});

describe('the address of an origin', () => {
  test.each([
    ['9000', '127.0.0.1:9000'],
    ['127.0.0.1:9000', '127.0.0.1:9000'],
    ['localhost:9000', 'localhost:9000'],
    ['http://127.0.0.1:9000', '127.0.0.1:9000'],
    ['[::1]:9000', '[::1]:9000'],
  ])('%s', (text, address) => {
    expect(formatAddress(parseOrigin(text))).toBe(address);
  });

  test.each([
    ['127.0.0.1', 'bad-address'],
    ['127.0.0.1:0', 'bad-address'],
    ['0', 'bad-address'],
    ['70000', 'bad-address'],
    ['https://127.0.0.1:9000', 'bad-address'],
    ['', 'bad-address'],
    ['192.168.1.1:9000', 'not-loopback'],
  ])('%j is refused', (text, code) => {
    expect(() => parseOrigin(text)).toThrow(expect.objectContaining({ side: 'user', code }));
  });
});

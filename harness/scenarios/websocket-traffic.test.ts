import { expect, test } from 'vitest';
import { prepareTraffic } from './traffic.ts';
import { WEBSOCKET_ECHO } from './websocket-echo.ts';
import { acceptOf } from './websocket-traffic.ts';

test('the answer to a key is the one of RFC 6455 1.3', () => {
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test.each([
  [120, 2, 6],
  [125, 2, 6],
  [126, 4, 8],
  [65_535, 4, 8],
])(
  'a message of %d bytes has a head of %d bytes, %d when masked',
  (messageBytes, plain, masked) => {
    const { exchanges, opening } = prepareTraffic({ ...WEBSOCKET_ECHO, messageBytes }, 4);
    expect(exchanges).toHaveLength(64);
    for (const { requestBytes, answer } of exchanges) {
      expect(requestBytes.length).toBe(masked + messageBytes);
      expect(answer.body.length).toBe(plain + messageBytes);
      const [mask, payload] = [
        requestBytes.subarray(masked - 4, masked),
        answer.body.subarray(plain),
      ];
      const back = requestBytes.subarray(masked).map((byte, at) => byte ^ (mask[at & 3] ?? 0));
      expect(payload.equals(back)).toBe(true);
    }
    expect(opening?.requestBytes.toString()).toContain('\r\nUpgrade: websocket\r\n');
  },
);

/**
 * The scenario `websocket-echo`: short text messages on upgraded connections, as a chat or a ticker has
 * them. A hop's time is a message's way there and back.
 */
import type { WebSocketScenario } from '../model/scenario.ts';

export const WEBSOCKET_ECHO: WebSocketScenario = {
  kind: 'websocket',
  name: 'websocket-echo',
  title: 'WebSocket messages of 120 bytes, echoed',
  description:
    'Connections upgraded once, then one text message of 120 bytes after the other, each echoed before the next: what a proxy adds where it only passes bytes on. Its rules see the upgrade alone.',
  source: { text: 'Made up; no recorded traffic.', licence: 'MIT' },
  host: 'live.example.com',
  target: '/rooms/lobby',
  fields: [
    ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'],
    ['Origin', 'http://live.example.com'],
    ['Sec-Fetch-Mode', 'websocket'],
  ],
  messageBytes: 120,
};

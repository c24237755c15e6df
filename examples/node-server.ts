/**
 * A proxy as a program of its own: `node examples/node-server.ts PORT UPSTREAM-PORT`, both on
 * 127.0.0.1. It stands for whatever you run, in whatever language: `command-proxy.ts` describes it to
 * Hopmark, and once it runs its URL will do as well.
 */
import { createServer } from 'node:http';
import createListener from './node-listener-proxy.ts';

const [, , port, upstreamPort] = process.argv;
if (port === undefined || upstreamPort === undefined) throw new Error('expected two ports');

const upstream = { protocol: 'http:', host: '127.0.0.1', port: Number(upstreamPort) } as const;
createServer(createListener({ upstream })).listen(Number(port), '127.0.0.1');

// An answer to a connection that no request can be read from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawAnswer, Refusal } from '../../../../shared/http/refusal.ts';

test('the answer is whole, in the form of its server, and ends the connection', () => {
  const form = { type: 'application/json', body: ({ code, message }: Refusal) => ({ error: code, message }) };
  const refusal = new Refusal(503, 'full', 'Für jetzt zu viele.', { headers: { 'Retry-After': '5' } });
  const body = '{"error":"full","message":"Für jetzt zu viele."}\n';
  const head =
    'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Type: application/json\r\n';
  assert.equal(rawAnswer(form, refusal), `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
});

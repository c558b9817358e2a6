import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Downloads, download } from '../../../../../runtime/edge/models/download.js';
import { makeCertificates } from '../../../../support/certificates.js';
import { needs } from '../../../../support/programs.js';
import { settled } from '../../../../support/scripted-worker.js';
import { temporaryFolder } from '../../../../support/small-model.js';

const folder = join(temporaryFolder(), 'download');
const limits = { folder, maxBytes: 1000, hosts: ['127.0.0.1'] };

test('only https, only allowed hosts, no user in the URL', async () => {
  for (const [url, code] of [
    ['http://127.0.0.1/m', 'bad-url'],
    ['file:///etc/passwd', 'bad-url'],
    ['https://robot:secret@127.0.0.1/m', 'bad-url'],
    ['nonsense', 'bad-url'],
    ['https://127.0.0.1.example.com/m', 'not-allowed'],
    ['https://localhost/m', 'not-allowed'],
  ])
    await assert.rejects(download(url!, limits), { code });
  assert.equal(existsSync(folder), false);
});

test('hosts are the same whatever the case of their letters, in the configuration and in the URL', async () => {
  // Nothing listens there: it was allowed, and tried.
  for (const [host, url] of [
    ['LocalHost', 'https://localhost:1/m'],
    ['localhost', 'https://LOCALHOST:1/m'],
  ])
    await assert.rejects(download(url!, { ...limits, hosts: [host!] }), { code: 'download-failed' });
});

describe('from a server', { skip: needs('openssl') }, async () => {
  const certificates = needs('openssl') === false ? makeCertificates() : undefined;
  const server = createServer(
    certificates === undefined
      ? {}
      : { cert: readFileSync(certificates.serverCert), key: readFileSync(certificates.serverKey) },
    (request, response) => {
      if (request.url === '/model') response.end('a model');
      else if (request.url === '/large') response.end(Buffer.alloc(5000));
      else if (request.url === '/elsewhere') response.writeHead(302, { location: '/model' }).end();
      else if (request.url === '/slow') response.write('a');
      else response.writeHead(404).end();
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
    if (certificates !== undefined) rmSync(certificates.folder, { recursive: true });
  });
  const at = (path: string): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const trusting = () => ({ ...limits, ca: readFileSync(certificates!.ca, 'utf8') });

  test('the file comes, whole', async () => {
    assert.equal(readFileSync(await download(at('/model'), trusting()), 'utf8'), 'a model');
  });

  test('too large, not there, elsewhere, too slow, or not the host that it should be: refused, and nothing is left', async () => {
    await assert.rejects(download(at('/large'), trusting()), { code: 'too-large' });
    await assert.rejects(download(at('/nosuch'), trusting()), { code: 'download-failed', message: /404/ });
    await assert.rejects(download(at('/elsewhere'), trusting()), { code: 'download-failed', message: /302/ });
    const slow = download(at('/slow'), { ...trusting(), timeoutMs: 100 });
    await assert.rejects(slow, { code: 'download-failed', message: /not finished within 0.1 s/ });
    await assert.rejects(download(at('/model'), limits), { code: 'download-failed', message: /certificate/ });
    assert.equal(existsSync(folder), false);
  });

  test('one after the other: each has the folder alone, and it is gone between them', async () => {
    const downloads = new Downloads(trusting());
    const seen: string[] = [];
    const use = async (path: string): Promise<string> => {
      seen.push('begin');
      const text = readFileSync(path, 'utf8');
      await settled();
      assert.ok(existsSync(path), 'nobody else has taken the folder away');
      seen.push('end');
      return text;
    };
    const both = [downloads.take(at('/model'), use), downloads.take(at('/model'), use)];
    assert.deepEqual(await Promise.all(both), ['a model', 'a model']);
    assert.deepEqual(seen, ['begin', 'end', 'begin', 'end']);
    assert.equal(existsSync(folder), false);
    await assert.rejects(downloads.take('http://127.0.0.1/m', use), { code: 'bad-url' });
  });

  test('a stop ends the one that comes, refuses those that wait, and leaves nothing', async () => {
    const downloads = new Downloads(trusting());
    const asked = once(server, 'request');
    const use = async (): Promise<void> => assert.fail('there is no file');
    const ended = [downloads.take(at('/slow'), use), downloads.take(at('/model'), use)].map((download) =>
      assert.rejects(download, { code: 'stopping' }),
    );
    await asked;
    await downloads.stop();
    assert.equal(existsSync(folder), false);
    await Promise.all(ended);
    assert.equal(existsSync(folder), false);
    await assert.rejects(downloads.take(at('/model'), use), { code: 'stopping' });
  });

  test('no folder to put it into is an error of the system, and not the fault of the host', async () => {
    const nowhere = { ...trusting(), folder: join(folder, 'gone', 'download') };
    await assert.rejects(download(at('/model'), nowhere), { code: 'ENOENT' });
  });
});

// The section `redis`, and the options of a connection that follow from it.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, errorText } from '../../../shared/runtime/errors.ts';
import { setting } from '../../../shared/runtime/settings.ts';

const url = z
  .url({ protocol: /^rediss?$/u })
  .refine(
    (text) => !URL.canParse(text) || /^\/?\d*$/u.test(new URL(text).pathname),
    'the path is the number of a database, as in redis://host/5',
  );

/** The section `redis`. */
export const redisSettings = z
  .strictObject({
    url: setting(url.default('redis://127.0.0.1:6379'), {
      description:
        'Redis 6.2 or later as redis:// or, with TLS, rediss://; user, password and database may be in it. With redis.sentinels its host counts for nothing.',
      alias: 'REDIS_URL',
      secret: 'url',
    }),
    keyPrefix: setting(
      z
        .string()
        .regex(/^[\w.{}-]{1,64}$/u)
        .default('foghorn'),
      {
        description: 'Prefix of all keys; two installations on one Redis need different ones. No colon.',
      },
    ),
    caFile: setting(z.string().default(''), {
      description: 'For rediss://: a PEM file with the certificate authorities to trust instead of the usual ones.',
      readable: 'file',
    }),
    certFile: setting(z.string().default(''), {
      description: 'For rediss://: a PEM file with the certificate that the notifier shows, with keyFile.',
      readable: 'file',
    }),
    keyFile: setting(z.string().default(''), {
      description: 'A PEM file with the private key of certFile.',
      readable: 'file',
    }),
    sentinels: setting(
      z
        .array(z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/iu, 'host:port'))
        .max(20)
        .default([]),
      {
        description:
          'Sentinels as host:port, which announce the primary. With TLS when redis.url is rediss://. Empty: Redis is where redis.url says.',
      },
    ),
    sentinelName: setting(z.string().min(1).default('mymaster'), {
      description: 'The name of the primary in the configuration of the Sentinels.',
    }),
    sentinelUsername: setting(z.string().default(''), {
      description: 'User at the Sentinels; empty for the default one.',
    }),
    sentinelPassword: setting(z.string().default(''), {
      description: 'Password at the Sentinels; empty for none.',
      secret: true,
    }),
  })
  .prefault({});

type Parsed = z.infer<typeof redisSettings>;

/** The section `redis`, validated; what has a default may be missing. */
export type RedisSettings = Pick<Parsed, 'url' | 'keyPrefix'> & Partial<Parsed>;

/** Where to connect to, as ioredis takes it. Throws ConfigError when a file cannot be read. */
export function addressOptions(settings: RedisSettings) {
  const { protocol, hostname, port, username, password, pathname } = new URL(settings.url);
  const tls = protocol === 'rediss:' ? tlsOptions(settings) : undefined;
  const common = {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1)),
    ...(tls === undefined ? {} : { tls }),
  };
  const { sentinels = [] } = settings;
  if (sentinels.length === 0)
    return { ...common, host: hostname.replaceAll(/[[\]]/gu, ''), port: port === '' ? 6379 : Number(port) };
  return {
    ...common,
    ...sentinelOptions(settings, sentinels),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function sentinelOptions(
  { sentinelName: name = 'mymaster', sentinelUsername = '', sentinelPassword = '' }: RedisSettings,
  sentinels: readonly string[],
) {
  return {
    sentinels: sentinels.map((address) => {
      const at = address.lastIndexOf(':');
      return { host: address.slice(0, at).replaceAll(/[[\]]/gu, ''), port: Number(address.slice(at + 1)) };
    }),
    name,
    ...(sentinelUsername === '' ? {} : { sentinelUsername }),
    ...(sentinelPassword === '' ? {} : { sentinelPassword }),
  };
}

function tlsOptions({ caFile = '', certFile = '', keyFile = '' }: RedisSettings) {
  if ((certFile === '') !== (keyFile === ''))
    throw new ConfigError('redis.certFile and redis.keyFile belong together: set both or none.');
  return {
    ...(caFile === '' ? {} : { ca: read('caFile', caFile) }),
    ...(certFile === '' ? {} : { cert: read('certFile', certFile), key: read('keyFile', keyFile) }),
  };
}

function read(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`redis.${name} ${file} cannot be read: ${errorText(error)}`);
  }
}

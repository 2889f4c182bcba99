// TLS to the brokers: the section `kafka.tls`, its files, and what a failed handshake means.
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { z } from 'zod';
import { ConfigError, errorText } from '../runtime/errors.ts';
import { setting } from '../runtime/settings.ts';

const file = (description: string) => setting(z.string().default(''), { description, readable: 'file' });

/** The section `kafka.tls`. */
export const tlsSettings = createTlsSettings('kafka', 'FOGHORN_KAFKA_TLS');

/**
 * The section `tls` of another. `true` or `false` in its place switches it on or off; so does
 * naming a file, unless `enabled` says otherwise.
 */
export function createTlsSettings(section: string, alias?: string) {
  return z
    .preprocess(
      withSwitch,
      z.strictObject({
        enabled: setting(z.boolean().default(false), {
          description: `Speak TLS to the brokers; \`${section}.tls: true\` does the same, and so does any of the next four.`,
          ...(alias === undefined ? {} : { alias }),
        }),
        caFile: file("A PEM file with the authority of the brokers' certificates; empty: those of the system."),
        certFile: file('A PEM file with the client certificate and its chain, where the brokers require one.'),
        keyFile: file('A PEM file with the private key of that certificate, not encrypted.'),
        serverName: setting(z.string().default(''), {
          description: `The server name in the brokers' certificates, where it differs from the one in ${section}.brokers.`,
        }),
      }),
    )
    .prefault({});
}

/** The section `kafka.tls`, validated. */
export type TlsSettings = z.infer<typeof tlsSettings>;

function withSwitch(section: unknown): unknown {
  if (typeof section === 'boolean') return { enabled: section };
  if (typeof section !== 'object' || section === null || 'enabled' in section) return section;
  return Object.values(section).some((value) => value !== '') ? { ...section, enabled: true } : section;
}

/**
 * What a connection is opened with; false without TLS. Throws ConfigError, naming the setting, for
 * files that cannot be read or used.
 */
export function tlsOptions({ enabled, caFile, certFile, keyFile, serverName }: TlsSettings): ConnectionOptions | false {
  if (!enabled) return false;
  if ((certFile === '') !== (keyFile === ''))
    throw new ConfigError('kafka.tls.certFile and kafka.tls.keyFile belong together: set both or none.');
  const options = {
    ...(caFile === '' ? {} : { ca: readPem('caFile', caFile, 'CERTIFICATE') }),
    ...(certFile === '' ? {} : { cert: readPem('certFile', certFile, 'CERTIFICATE') }),
    ...(keyFile === '' ? {} : { key: readPem('keyFile', keyFile, 'PRIVATE KEY') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const files = [caFile, certFile, keyFile].filter((name) => name !== '').join(', ');
    throw new ConfigError(`kafka.tls: the files ${files} cannot be used together: ${errorText(error)}`);
  }
  return { ...options, ...(serverName === '' ? {} : { servername: serverName }) };
}

function readPem(name: keyof TlsSettings, path: string, label: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`kafka.tls.${name} cannot be read: ${errorText(error)}`);
  }
  if (new RegExp(`-----BEGIN (?:[A-Z ]+ )?${label}-----`, 'u').test(text)) return text;
  throw new ConfigError(`kafka.tls.${name} = ${path} holds no ${label.toLowerCase()} in PEM form.`);
}

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_SIGNATURE_FAILURE)$/u,
    "the broker's certificate is of an authority that is not trusted: kafka.tls.caFile has to hold it",
  ],
  [/^CERT_HAS_EXPIRED$/u, "the broker's certificate has expired"],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/u,
    "the broker's certificate is for another name than kafka.brokers or its own answers have: set kafka.tls.serverName, or have the name put into the certificate",
  ],
  [
    /^ERR_SSL_.*ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE)/u,
    'the broker refuses the connection, perhaps for want of a certificate that it trusts: kafka.tls.certFile and kafka.tls.keyFile',
  ],
  [
    /^(?:ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/u,
    'no TLS is spoken at this address; kafka.tls is on',
  ],
];

/** Adds to the message which setting a failed handshake points at. */
export function explainTls(error: Error & { readonly code?: string }): void {
  const [, text] = EXPLANATIONS.find(([codes]) => codes.test(error.code ?? '')) ?? [];
  if (text !== undefined) error.message = `${text} (${error.message})`;
}

// The senders of events: the settings that every input has for them, and the names of client
// certificates and addresses.
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { RawEvent, SenderKind } from '../../../shared/contracts/raw-event.ts';
import { MAX_PATTERNS_LENGTH, matchesHost } from '../../../shared/contracts/host-patterns.ts';
import { certificateNames } from '../../../shared/http/client-certificates.ts';
import { networkOf } from '../../../shared/http/network-of.ts';
import { addressRangesSetting } from '../../../shared/matchers/address-range.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { setting, wholeNumber } from '../../../shared/runtime/settings.ts';
import type { Account } from './input.ts';

/** A sender, and the patterns of the hosts whose events it may send; without patterns: all. */
export interface Sender {
  readonly name: string;
  /** Absent: the name is the address. */
  readonly kind?: SenderKind;
  readonly hosts?: readonly string[];
}

/** They travel with each event, so they are few. */
export const hostPatterns = z
  .array(z.string().regex(/^\S{1,255}$/u, 'a host name, * for any characters'))
  .min(1)
  .refine((patterns) => patterns.join(' ').length <= MAX_PATTERNS_LENGTH, {
    error: `patterns of at most ${MAX_PATTERNS_LENGTH} characters together`,
  });

const certificateSettings = z.strictObject({
  subject: z.string().regex(/^\S{1,255}$/u),
  hosts: hostPatterns.optional(),
});

/** The settings of every input about who may connect and send. */
export const senderSettings = {
  clientCaFile: setting(z.string().default(''), {
    description:
      'The file with the certificate authority (PEM) whose client certificates may send. Needs tlsCert, and is read again with it.',
    readable: 'file',
  }),
  clientCertificates: setting(z.array(certificateSettings).default([]), {
    description:
      'Which certificates of clientCaFile may send: subject (a pattern of the common name or a DNS name) and hosts (patterns of the hosts it may send events of; * for any characters); the first that fits counts. Empty: all, for every host.',
  }),
  allowedNetworks: setting(addressRangesSetting, {
    description: 'The networks that may connect, e.g. ["10.1.0.0/16"]. Empty: all.',
  }),
  maxConnections: wholeNumber(
    1000,
    { min: 1, max: 65_535 },
    {
      description:
        'The most concurrent connections; beyond it the connection that is idle longest is closed for a new one.',
    },
  ),
  maxConnectionsPerAddress: wholeNumber(
    0,
    { min: 0, max: 65_535 },
    {
      description:
        'The most connections of one address (of IPv6: one /64 network); 0: half of maxConnections. Behind a proxy or NAT all agents have one.',
    },
  ),
};

/** The switch of an input that is on or off by default. */
export function enabledSetting(isOn: boolean, description = 'Whether this input listens.') {
  return setting(z.boolean().default(isOn), { description });
}

/** The settings that identify a sender by its certificate. */
export interface CertificateSettings {
  readonly tlsCert: string;
  readonly clientCaFile: string;
  readonly clientCertificates: readonly { readonly subject: string; readonly hosts?: readonly string[] | undefined }[];
}

/**
 * Throws ConfigError for settings of client certificates without which these could not be checked.
 */
export function checkCertificateSettings(
  section: string,
  { tlsCert, clientCaFile, clientCertificates }: CertificateSettings,
): void {
  if (clientCaFile !== '' && tlsCert === '')
    throw new ConfigError(`${section}.clientCaFile needs ${section}.tlsCert and tlsKey: certificates come by TLS.`);
  if (clientCaFile === '' && clientCertificates.length > 0)
    throw new ConfigError(`${section}.clientCertificates needs ${section}.clientCaFile, which says who signs them.`);
}

/** The address that a connection comes from. */
export function addressOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string {
  return remoteAddress ?? 'unknown';
}

/**
 * The share of the budget that a connection's events count for. Without tokens and certificates a
 * sender is an address, and may have as many of IPv6 as it likes.
 */
export function accountOf({ name }: Sender, socket: Pick<Socket, 'remoteAddress'>): Account {
  return { sender: networkOf(name), address: networkOf(addressOf(socket)) };
}

/**
 * The sender of a certificate that the authority of `clientCaFile` signed: the first name that an
 * entry of `clientCertificates` has, or its first name where there are no entries.
 */
export function senderOfCertificate(
  socket: Socket,
  { clientCaFile, clientCertificates }: Pick<CertificateSettings, 'clientCaFile' | 'clientCertificates'>,
): Sender | undefined {
  const names = clientCaFile === '' ? [] : certificateNames(socket);
  const [first] = names;
  const kind = 'certificate';
  if (clientCertificates.length === 0) return first === undefined ? undefined : { name: first, kind };
  for (const { subject, hosts } of clientCertificates) {
    const name = names.find((candidate) => matchesHost(candidate, [subject]));
    if (name !== undefined) return { name, kind, ...(hosts === undefined ? {} : { hosts }) };
  }
  return undefined;
}

/** What goes to Kafka of how and by whom an event came. */
export type Origin = Pick<RawEvent, 'input' | 'sender' | 'senderKind' | 'senderAddress' | 'senderHosts' | 'place'>;

/** The origin of what a sender sends to an input by a connection. */
export function originOf(input: string, { name, kind, hosts }: Sender, socket: Pick<Socket, 'remoteAddress'>): Origin {
  return {
    input,
    sender: name,
    ...(kind === undefined ? {} : { senderKind: kind, senderAddress: addressOf(socket) }),
    ...(hosts === undefined ? {} : { senderHosts: hosts }),
  };
}

/*
 * Makes certificates (RFC 5280). A program of its own, started for a moment by issuer.ts: the
 * X.509 library weighs several megabytes, and the mail process needs it for half a second a year.
 * The request comes on standard input and the answer leaves on standard output, both JSON; keys
 * never appear in arguments or in the environment. The authority signs with EC P-256, which old
 * phones know, a leaf that has an RSA key included.
 */
import 'reflect-metadata';
import { isIP, isIPv6 } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { Issued, IssueRequest, KeyKind } from './issuer.ts';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
} as const;

/**
 * RFC 5280 §4.2.1.3: with an RSA key, old clients do not only check a signature; they encrypt the
 * premaster secret to it (RFC 2246 §7.4.2).
 */
const leafUsages: Readonly<Record<KeyKind, number>> = {
  ec: x509.KeyUsageFlags.digitalSignature,
  rsa: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
};

/** RFC 6761, RFC 1918, RFC 3927, RFC 4193, RFC 4291: networks only this machine or house can see. */
const privateNetworks = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

async function issueAuthority(request: IssueRequest & { kind: 'authority' }): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['Restante'] }, { CN: [request.commonName] }],
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      // pathLen 0: it signs leaves, never another authority (RFC 5280 §4.2.1.9).
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      nameConstraints(request.names, privateNetworks),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pem(keys.privateKey) };
}

async function issueLeaf(request: IssueRequest & { kind: 'leaf' }): Promise<Issued> {
  const authority = new x509.X509Certificate(request.authority.certificate);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(request.authority.key),
    ecdsa,
    false,
    ['sign'],
  );
  const usages: ('sign' | 'verify')[] = ['sign', 'verify'];
  const keys = await (request.keys === 'ec'
    ? crypto.subtle.generateKey(ecdsa, true, usages)
    : crypto.subtle.generateKey(rsa, true, usages));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    issuer: authority.subjectName,
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    signingAlgorithm: ecdsa,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(leafUsages[request.keys], true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...request.names.map((value) => ({ type: 'dns' as const, value })),
        ...request.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pem(keys.privateKey) };
}

async function pem(key: CryptoKey): Promise<string> {
  const octets = await crypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(octets, x509.PemConverter.PrivateKeyTag);
}

/**
 * RFC 5280 §4.2.1.10, critical: whoever steals the authority's key can impersonate nothing but
 * this box. The library has no class for it.
 *
 *     NameConstraints   ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, ... }
 *     GeneralSubtrees   ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree
 *     GeneralSubtree    ::= SEQUENCE { base GeneralName, ... }
 *     GeneralName       ::= CHOICE { dNSName [2] IA5String, iPAddress [7] OCTET STRING, ... }
 */
function nameConstraints(names: readonly string[], networks: readonly string[]): x509.Extension {
  const sequence = 0x30;
  const subtrees = [
    ...names.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
    ...networks.map((network) => der(0x87, networkOctets(network))),
  ].map((base) => der(sequence, base));
  const value = der(sequence, der(0xa0, Buffer.concat(subtrees)));
  return new x509.Extension('2.5.29.30', true, value);
}

/** A DER element: tag, definite length, contents (X.690 §8.1). */
function der(tag: number, contents: Buffer): Buffer {
  const length = contents.length;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), contents]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), contents]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), contents]);
}

/** A network as a name constraint has it: the address's octets, then the mask's. */
function networkOctets(network: string): Buffer {
  const [address = '', bits = ''] = network.split('/');
  if (isIP(address) === 0) throw new Error(`not a network: ${network}`);
  const octets = isIPv6(address)
    ? ipv6NetworkOctets(address)
    : Buffer.from(address.split('.').map(Number));
  const mask = Buffer.from(
    octets.map((_, index) => 0xff & ~(0xff >> Math.min(8, Math.max(0, Number(bits) - 8 * index)))),
  );
  return Buffer.concat([octets, mask]);
}

/** The networks above have at most one group before `::` and at most one behind it. */
function ipv6NetworkOctets(address: string): Buffer {
  const [head, tail] = address.split('::');
  const octets = Buffer.alloc(16);
  octets.writeUInt16BE(Number.parseInt(head || '0', 16), 0);
  octets.writeUInt16BE(Number.parseInt(tail || '0', 16), 14);
  return octets;
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const request: IssueRequest = JSON.parse(Buffer.concat(chunks).toString());
x509.cryptoProvider.set(crypto);
const issued = request.kind === 'leaf' ? await issueLeaf(request) : await issueAuthority(request);
process.stdout.write(JSON.stringify(issued));

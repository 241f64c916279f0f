/*
 * Which certificate the box serves at this moment. The owner's own one when it is given and good;
 * else the one that the box's own authority signed. Looked after every 20 seconds: changed files,
 * changed addresses, an end that comes near. A swap concerns handshakes that begin afterwards;
 * nobody who is connected notices. Devices that were given old TLS are offered one with an RSA key
 * beside it, made when there is such a device; no start waits for it.
 */
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import type { Seal } from '#base/seal';
import type { Peer } from '#protocol/session';
import type { TlsTerms } from '../connection.ts';
import {
  type Authority,
  type AuthorityTrouble,
  fingerprintOf,
  openAuthority,
} from './authority.ts';
import type { KeyKind } from './issuer.ts';
import { dnsNames, machineAddresses } from './names.ts';
import { makeLeaf, permittedNames, readLeaf, type Subject, stillGood } from './own-leaf.ts';
import { dateOf, type OwnerFiles, OwnerWatch, readOwnerPair } from './owner-files.ts';
import { contextFor, type Pair } from './pair.ts';

export interface CertificateParts {
  /** The folder `tls` in the data directory; made when missing. */
  readonly folder: string;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** When this firmware was built (ms since 1970): it cannot be earlier, whatever the clock says. */
  readonly built: number;
  /** The box's DNS names, host name first; asked on every look. */
  names(): readonly string[];
  /** How the network finds it now, asked on every look: in the certificate where the authority may. */
  foundAs?(): string;
  /** What it may come to be called: a new authority may sign for these, too. */
  foreseen?(): readonly string[];
  /** The owner's own certificate, if the settings name one; asked on every look. */
  owner(): OwnerFiles | undefined;
  /** The machine's private addresses; asked on every look. */
  addresses?(): readonly string[];
}

/** Who may use TLS 1.0 and 1.1. */
export interface OldTlsDirectory {
  /** May the peer at this address? */
  allowsOldTls(address: string): boolean;
  /** May anybody? */
  anyOldTls(): boolean;
}

export type CertificateTrouble = AuthorityTrouble | Trouble<'tls-folder'>;

const lookEvery = 20_000;
/** Certificate and key are written one after the other; look when both are there. */
const settling = 500;
const day = 24 * 3600 * 1000;
/** From when on the end of the owner's certificate is talked about. The box's own renews itself. */
const soon = 14 * day;

/** What is talked about. */
type Matter = 'refused' | 'names' | 'expiry' | 'trouble' | 'old trouble';

export class Certificates implements TlsTerms {
  readonly #parts: CertificateParts;
  readonly #log: Log;
  readonly #watch = new OwnerWatch(() => this.#lookSoon());
  readonly #ticketKeys: Buffer;
  #authority: Authority | undefined;
  /** The box's own certificates. */
  readonly #leaves: Record<KeyKind, Pair | undefined> = { ec: undefined, rsa: undefined };
  #oldTls: OldTlsDirectory | undefined;
  #ownerPair: Pair | undefined;
  #serving: { pair: Pair; modern: SecureContext; old: SecureContext | undefined } | undefined;
  /** What was said last about each matter, so that nothing is said twice in a row. */
  readonly #said = new Map<Matter, string>();
  #alarm: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: CertificateParts) {
    this.#parts = parts;
    this.#log = parts.log.of('tls');
    this.#ticketKeys = parts.random.octets(48);
  }

  /** Makes or opens the authority and finds a certificate to serve. */
  async start(): Promise<Result<void, CertificateTrouble>> {
    try {
      await mkdir(this.#parts.folder, { recursive: true, mode: 0o755 });
      const foreseen = dnsNames(this.#parts.foreseen?.() ?? []);
      const names = [...new Set([...this.#names(), ...foreseen])];
      const authority = await openAuthority(this.#parts, names, this.#now());
      if (authority.ok) this.#authority = authority.value;
      this.#leaves.ec = await readLeaf(this.#parts, 'ec');
      this.#leaves.rsa = await readLeaf(this.#parts, 'rsa');
      this.#looking = this.#lookOnce();
      await this.#looking;
      // Without its authority the box serves what it still has; only nothing at all is trouble.
      if (authority.ok) return ok(undefined);
      if (this.#serving === undefined) return failed(authority.error);
      this.#log.error(authority.error.say);
      return ok(undefined);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return failed(trouble('tls-folder', 'The certificates cannot be made or read.', reason));
    }
  }

  /**
   * From now on the directory says who may use old TLS. When a certificate for them is missing, it
   * is made meanwhile: RSA keys take a small board seconds.
   */
  allowOldTls(directory: OldTlsDirectory): void {
    this.#oldTls = directory;
    void this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
    this.#watch.stop();
    await this.#looking;
  }

  context(peer: Peer): SecureContext | undefined {
    const serving = this.#serving;
    if (serving === undefined) return undefined;
    if (!this.#oldTls?.allowsOldTls(peer.address)) return serving.modern;
    serving.old ??= contextFor(this.#oldPairs(serving.pair), this.#ticketKeys, 'old');
    return serving.old;
  }

  /** SHA-256 of the box's own authority, `AA:BB:...`; undefined when it is lost. */
  get fingerprint(): string | undefined {
    return this.#authority && fingerprintOf(this.#authority);
  }

  /** The certificate of the box's own authority (PEM), to hand out; undefined when it is lost. */
  get authority(): string | undefined {
    return this.#authority?.certificate;
  }

  /** What the box is called: the names asked for, and those of the certificate being served. */
  get names(): readonly string[] {
    return [...new Set([...this.#names(), ...this.served])];
  }

  /** The names that the certificate being served is for; without those that stand for many. */
  get served(): readonly string[] {
    const served = this.#serving?.pair.certificate.subjectAltName ?? '';
    const inIt = served.split(', ').flatMap((part) => /^DNS:([^*,"]+)$/.exec(part)?.[1] ?? []);
    return dnsNames(inIt);
  }

  /** Is the certificate being served for this name or address? */
  isFor(name: string): boolean {
    const certificate = this.#serving?.pair.certificate;
    const found = isIP(name) === 0 ? certificate?.checkHost(name) : certificate?.checkIP(name);
    return found !== undefined;
  }

  /** The end of the certificate being served, ms since 1970. */
  get notAfter(): number | undefined {
    return this.#serving?.pair.notAfter;
  }

  /** One sentence for `status`. */
  get say(): string {
    if (this.#serving === undefined) return 'There is no certificate; TLS is not possible.';
    const { pair } = this.#serving;
    const whose = pair === this.#ownerPair ? 'your own certificate' : "the box's own certificate";
    const refused = this.#said.get('refused');
    const sentence = `Serving ${whose}, good until ${dateOf(pair.notAfter)}.`;
    return refused === undefined ? sentence : `${sentence} ${refused}`;
  }

  /** Looks at everything now (after a change of settings or devices). Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#lookOnce())
      .then(() => this.#lookForOldDevices());
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#stopped) return;
    this.#alarm?.[Symbol.dispose]();
    try {
      await this.#watch.follow(this.#parts.owner());
      await this.#lookAtOwner();
      await this.#lookAtLeaf('ec');
      this.#said.delete('trouble');
    } catch (error) {
      this.#sayTrouble('trouble', error);
    }
    this.#serve(this.#ownerPair ?? this.#leaves.ec);
    this.#alarm = this.#parts.clock.after(lookEvery, () => void this.look());
  }

  async #lookForOldDevices(): Promise<void> {
    if (this.#stopped || !this.#oldTls?.anyOldTls()) return;
    const before = this.#leaves.rsa;
    try {
      await this.#lookAtLeaf('rsa');
      this.#said.delete('old trouble');
    } catch (error) {
      this.#sayTrouble('old trouble', error);
    }
    if (this.#serving && this.#leaves.rsa !== before) this.#serving.old = undefined;
  }

  /** What old devices choose from: the pair that all are served, and one with an RSA key. */
  #oldPairs(pair: Pair): readonly Pair[] {
    const { rsa } = this.#leaves;
    const hasRsa = pair.certificate.publicKey.asymmetricKeyType === 'rsa';
    return hasRsa || rsa === undefined ? [pair] : [pair, rsa];
  }

  #lookSoon(): void {
    if (this.#stopped) return;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = this.#parts.clock.after(settling, () => void this.look());
  }

  async #lookAtOwner(): Promise<void> {
    const files = this.#parts.owner();
    if (files === undefined) {
      this.#ownerPair = undefined;
      this.#said.delete('refused');
      return;
    }
    const now = this.#now();
    const pair = await readOwnerPair(files, this.#ownerPair, now);
    if (!pair.ok) {
      const instead = this.#ownerPair === undefined ? "the box's own" : 'the one before';
      this.#sayOnce('refused', `Your certificate is not used: ${pair.error} Serving ${instead}.`);
      return;
    }
    this.#said.delete('refused');
    this.#ownerPair = pair.value;
    const days = Math.floor((pair.value.notAfter - now) / day);
    if (pair.value.notAfter - now > soon) this.#said.delete('expiry');
    else this.#sayOnce('expiry', `Your certificate (${files.certificate}) ends in ${days} days.`);
  }

  async #lookAtLeaf(keys: KeyKind): Promise<void> {
    const authority = this.#authority;
    if (authority === undefined) return;
    const subject = this.#subject(authority);
    const now = this.#now();
    const known = this.#leaves[keys];
    if (known !== undefined && stillGood(known, authority, subject, now)) return;
    const leaf = await makeLeaf(this.#parts, keys, authority, subject, now);
    this.#leaves[keys] = leaf;
    const whom = keys === 'ec' ? '' : ' for old devices';
    this.#log.info(`The box made itself a new certificate${whom}.`, {
      names: subject.names.join(' '),
      addresses: subject.addresses.join(' '),
      notAfter: dateOf(leaf.notAfter),
    });
  }

  #subject(authority: Authority): Subject {
    const wanted = this.#names();
    const names = permittedNames(authority, wanted);
    const left = wanted.filter((name) => !names.includes(name));
    if (left.length === 0) this.#said.delete('names');
    else {
      this.#sayOnce(
        'names',
        `The box's authority was made before it had the name ${left.join(', ')} and may not sign ` +
          'for it. Use an older name, or remove tls/ca.pem and tls/ca.key.sealed and start again; ' +
          'then every device has to import the new tls/ca.pem.',
      );
    }
    return { names, addresses: (this.#parts.addresses ?? machineAddresses)() };
  }

  #serve(pair: Pair | undefined): void {
    if (pair === undefined || pair === this.#serving?.pair) return;
    const swap = this.#serving !== undefined;
    this.#serving = {
      pair,
      modern: contextFor([pair], this.#ticketKeys, 'modern'),
      old: undefined,
    };
    if (swap) this.#log.info('New connections get the new certificate.');
  }

  #sayTrouble(matter: Matter, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#sayOnce(matter, `A new certificate could not be made: ${reason}`);
  }

  #sayOnce(matter: Matter, sentence: string): void {
    if (this.#said.get(matter) === sentence) return;
    this.#said.set(matter, sentence);
    this.#log.warn(sentence);
  }

  #names(): string[] {
    const found = dnsNames([this.#parts.foundAs?.() ?? '']);
    const signed = this.#authority === undefined ? [] : permittedNames(this.#authority, found);
    return dnsNames([...this.#parts.names(), ...signed, 'restante.local', 'localhost']);
  }

  /** A board without a battery starts in 1970. */
  #now(): number {
    return Math.max(this.#parts.clock.now(), this.#parts.built);
  }
}

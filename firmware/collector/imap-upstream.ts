/*
 * The port upstream.ts over imapflow, which does the talking: greeting, STARTTLS, sign-in, grammar,
 * IDLE. Beside it stand the socket (net/dial.ts), what the server may not do (limits.ts,
 * conversation.ts), and here what its errors mean. imapflow is loaded when the first IMAP source
 * connects, for it adds some 17 MB of resident memory; it logs nothing.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ImapFlowOptions } from 'imapflow';
import type { Clock } from '#base/clock';
import { failed, ok, type Result } from '#base/result';
import { dial } from '#net/dial';
import { placeOf, plainAddress } from '#net/peer';
import { Conversation } from './imap/conversation.ts';
import { ImapFolder } from './imap/folder.ts';
import { FolderNames } from './imap/folder-names.ts';
import { type ImapWaits, lineOctets, patient, pieceOctets, responseTokens } from './imap/limits.ts';
import { News } from './imap/news.ts';
import { connectTroubleOf, upstreamTroubleOf } from './imap/troubles.ts';
import type {
  OpenFolder,
  SourceTarget,
  Upstream,
  UpstreamConnector,
  UpstreamConnectTrouble,
  UpstreamFacts,
  UpstreamTrouble,
} from './upstream.ts';

export class ImapConnector implements UpstreamConnector {
  readonly #clock: Clock;
  readonly #waits: ImapWaits;
  #library: Promise<typeof import('imapflow')> | undefined;

  constructor(clock: Clock, waits: ImapWaits = patient) {
    this.#clock = clock;
    this.#waits = waits;
  }

  /** Loads the library: done by itself when it is needed. */
  load(): Promise<typeof import('imapflow')> {
    this.#library ??= import('imapflow');
    return this.#library;
  }

  async connect(
    target: SourceTarget,
    signal?: AbortSignal,
  ): Promise<Result<Upstream, UpstreamConnectTrouble>> {
    const { ImapFlow } = await this.load();
    const dialled = dial(target, this.#waits, this.#clock);
    const reached = await unlessAborted(dialled, signal);
    if (reached === undefined) {
      // It may still be reached.
      void dialled.then((late) => late.ok && late.value.destroy());
      return failed({ stage: 'connect', ...givenUp });
    }
    if (!reached.ok) return reached;
    const socket = reached.value;
    const obstacle = obstacleOf(target, socket);
    if (obstacle !== undefined) {
      socket.destroy();
      return failed(obstacle);
    }
    const options = optionsOf(target, this.#waits);
    const conversation = new Conversation(ImapFlow, options, socket, target, this.#clock);
    return this.#signIn(conversation, target, signal);
  }

  async #signIn(
    conversation: Conversation,
    target: SourceTarget,
    signal: AbortSignal | undefined,
  ): Promise<Result<Upstream, UpstreamConnectTrouble>> {
    const stop = () => conversation.cut(givenUp.code, givenUp.detail);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const { greeting, signIn } = this.#waits;
    const connected = await conversation.ask({ quiet: greeting, most: signIn }, () =>
      conversation.signIn(),
    );
    signal?.removeEventListener('abort', stop);
    if (!connected.ok) {
      conversation.cut('ECLOSED', 'signing in failed');
      return failed(connectTroubleOf(conversation, connected.error));
    }
    // What imapflow was told to see to; whoever reads this need not trust it.
    if (target.security !== 'none' && !('getCipher' in conversation.socket)) {
      conversation.cut('ECLOSED', 'the connection is not encrypted');
      return failed({
        stage: 'tls',
        code: 'NO-STARTTLS',
        detail: 'the connection is not encrypted',
      });
    }
    return ok(new ImapUpstream(conversation, this.#clock, this.#waits));
  }
}

export class ImapUpstream implements Upstream {
  readonly facts: UpstreamFacts;
  readonly #conversation: Conversation;
  readonly #waits: ImapWaits;
  readonly #names: FolderNames;
  readonly #news: News;

  constructor(conversation: Conversation, clock: Clock, waits: ImapWaits) {
    this.#conversation = conversation;
    this.#waits = waits;
    this.#names = new FolderNames(conversation, waits);
    this.#news = new News(conversation, clock, waits);
    this.facts = factsOf(conversation);
  }

  async open(folder: string): Promise<Result<OpenFolder, UpstreamTrouble>> {
    const opened = await this.#names.open(folder);
    if (!opened.ok) return opened;
    this.#news.forget();
    return ImapFolder.of(this.#conversation, this.#news, this.#waits, opened.value);
  }

  folderNames(): Promise<Result<readonly string[], UpstreamTrouble>> {
    return this.#names.all();
  }

  async changed(until: AbortSignal): Promise<Result<'changed' | 'quiet', UpstreamTrouble>> {
    const told = await this.#news.wait(until);
    return told.ok ? told : failed(upstreamTroubleOf(told.error));
  }

  /** Nothing waits for it: what was removed is removed. */
  async close(): Promise<Result<void, UpstreamTrouble>> {
    const { logout } = this.#waits;
    // RFC 9051 §6.1.3
    await this.#conversation.ask({ quiet: logout, most: logout }, () =>
      this.#conversation.client.logout(),
    );
    this.abort();
    return ok(undefined);
  }

  abort(): void {
    this.#conversation.cut('ECLOSED', 'the connection was closed');
  }
}

const givenUp = { code: 'ABORTED', detail: 'it was given up' } as const;

/** Undefined: the signal came first. */
function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    promise.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject);
  });
}

function obstacleOf(
  { security }: SourceTarget,
  socket: Socket,
): UpstreamConnectTrouble | undefined {
  if (socket.destroyed) {
    return { stage: 'greeting', code: 'ECLOSED', detail: 'the server hung up' };
  }
  const remote = socket.remoteAddress ?? '';
  // RFC 8314 §3.3: a password never crosses the network in the clear.
  if (security === 'none' && placeOf(plainAddress(remote)) !== 'loopback') {
    const detail = `the connection to ${remote} is not encrypted`;
    return { stage: 'sign-in', code: 'IN-THE-CLEAR', detail };
  }
  return undefined;
}

function optionsOf(target: SourceTarget, waits: ImapWaits): ImapFlowOptions {
  const { host, port, security, user, secret } = target;
  return {
    host,
    port,
    secure: security === 'tls',
    // True: it is required.
    doSTARTTLS: security === 'starttls',
    auth:
      'password' in secret
        ? { user, pass: secret.password }
        : { user, accessToken: secret.accessToken },
    // It would know secrets.
    logger: false,
    // RFC 2971; some servers refuse those who do not say who they are.
    clientInfo: { name: 'Restante', version: false, vendor: false, 'support-url': false },
    maxLineLength: lineOctets,
    maxLiteralSize: pieceOctets,
    maxResponseSize: lineOctets + pieceOctets,
    maxResponseTokens: responseTokens,
    // RFC 4978: a few octets could become many.
    disableCompression: true,
    // Its answers to SEARCH are another matter, and nothing else of it is needed here.
    disableIMAP4rev2: true,
    disableBinary: true,
    disableAutoIdle: true,
    // The conversation waits more exactly; these are behind it.
    connectionTimeout: 2 * waits.connect,
    greetingTimeout: 2 * waits.signIn,
    socketTimeout: 2 * (waits.idle + waits.most),
  };
}

function factsOf(conversation: Conversation): UpstreamFacts {
  const { socket } = conversation;
  const tls = tlsOf(socket);
  return {
    with: tls === undefined ? 'IMAP' : 'IMAPS',
    address: plainAddress(socket.remoteAddress ?? ''),
    ...(tls === undefined ? {} : { tls }),
    tells: conversation.offers('IDLE'),
  };
}

function tlsOf(socket: Socket): string | undefined {
  if (!('getCipher' in socket)) return undefined;
  const secure = socket as TLSSocket;
  return `${secure.getProtocol()} ${secure.getCipher().standardName}`;
}

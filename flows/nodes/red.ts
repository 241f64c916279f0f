/*
 * The little of Node-RED's programming interface that these nodes use, as types. Node-RED itself
 * hands the implementation to each node when it loads it; nothing here is imported at run time.
 */
import type { IncomingMessage } from 'node:http';

/** A message between nodes. Its own copy: Node-RED clones what it sends to more than one node. */
export interface Message {
  _msgid?: string;
  payload?: unknown;
  topic?: string;
  /** Set by `http in`; Express has read the query and the form by then. */
  req?: IncomingMessage & {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
    readonly path?: string;
  };
  /** Why the box did not do what a node before this one asked. */
  refusal?: { readonly code: string; readonly say: string; readonly asked?: string };
  [name: string]: unknown;
}

export type Send = (message: Message | (Message | null)[]) => void;
export type Done = (error?: Error) => void;

export interface NodeConfig {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [name: string]: unknown;
}

export interface NodeContext {
  get(key: string, store: string | undefined, told: (error: unknown, value: unknown) => void): void;
  set(
    key: string,
    value: unknown,
    store: string | undefined,
    told: (error?: unknown) => void,
  ): void;
}

export interface RedNode {
  readonly id: string;
  readonly type: string;
  readonly wires: readonly (readonly string[])[];
  send: Send;
  status(shown: { fill?: string; shape?: 'ring' | 'dot'; text?: string }): void;
  error(say: string, message?: Message): void;
  warn(say: string): void;
  context(): NodeContext;
  on(event: 'input', heard: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', heard: (removed: boolean, done: () => void) => void): void;
}

export interface Red {
  readonly nodes: {
    createNode(node: RedNode, config: NodeConfig): void;
    registerType(
      type: string,
      construct: (this: RedNode, config: NodeConfig) => void,
      options?: object,
    ): void;
  };
  readonly util: {
    setMessageProperty(message: Message, path: string, value: unknown, make: boolean): void;
  };
  readonly events: {
    on(event: string, heard: (event: unknown) => void): void;
    off(event: string, heard: (event: unknown) => void): void;
  };
  /** `restanteControl`: the path of the control socket, from flows/settings.ts. */
  readonly settings: { readonly restanteControl?: string };
}

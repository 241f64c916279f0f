/*
 * Answers that control gives in this version of its contract and that have no type in
 * firmware/control/types.ts yet: providers, sources, connecting, help pages, backups, what the
 * flows cost. Every field but a name may be missing, and the views do without.
 */

/** `GET /v1/provider/list` */
export interface ProviderReport {
  readonly name: string;
  readonly title: string;
  readonly domains?: readonly string[];
  readonly signIn?: readonly ('password' | 'app-password' | 'oauth')[];
  readonly appPasswords?: string;
  readonly first?: string;
}

/** `GET /v1/source/list` */
export interface SourceReport {
  readonly name: string;
  readonly account: string;
  readonly provider?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly user?: string;
  readonly condition?: string;
  readonly paused?: boolean;
  readonly say?: string;
  readonly signIn?: string;
  readonly lastAt?: number;
  readonly nextAt?: number;
  readonly collected?: number;
}

/** A step of an OAuth sign-in, as in UplinkSignInReport. */
export interface SignInStep {
  readonly step: 'device' | 'paste' | 'done';
  readonly name: string;
  readonly address?: string;
  readonly code?: string;
  readonly expiresAt?: number;
  readonly say?: string;
}

/** `POST /v1/provider/connect` */
export interface ConnectReport {
  readonly account: string;
  readonly works?: boolean;
  readonly steps: readonly { readonly works: boolean; readonly say: string }[];
  readonly uplink?: string;
  readonly source?: string;
  readonly signIn?: SignInStep;
}

/** `POST /v1/join/link` */
export interface JoinReport {
  readonly path: string;
  readonly token?: string;
}

/** `GET /v1/backup/status` */
export interface BackupStatus {
  readonly to?: string;
  readonly every?: string;
  readonly keep?: number;
  readonly nextAt?: number;
  readonly last?: {
    readonly at: number;
    readonly works: boolean;
    readonly say: string;
  };
}

/** In `status`. */
export interface FlowsStatus {
  readonly state?: string;
  readonly run?: string;
  readonly memory?: number;
  readonly why?: string;
  readonly stay?: boolean;
}

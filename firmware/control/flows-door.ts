/*
 * What the process of the flows may ask, at a door of its own (0660, for its user's group). It works
 * for the owner, so it may do what the owner does with the pages; but packages from elsewhere run in
 * it, so nothing there leads into the files of this device: not a restore, not a backup into any
 * folder, not a setting that makes the box read one of its own secrets. And no password that the box
 * keeps goes to a server that they choose. A verb that is not in the table is not for it: whoever adds
 * one decides.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { Call, Verb } from './verb.ts';

/** 'within-backups': its file has to lie in the folder of backup.to. 'not-own-files': no path of
 * the data directory. 'own-password': where a password goes is said together with the password. */
export type Allowance = 'yes' | 'no' | 'within-backups' | 'not-own-files' | 'own-password';

/** By the verb's words. Those of parts that are still to come are here, too. */
export const flowsMayAsk: Readonly<Record<string, Allowance>> = {
  start: 'no',
  status: 'yes',
  'account add': 'yes',
  'account list': 'yes',
  'account remove': 'yes',
  'account password': 'yes',
  'account unlock': 'yes',
  'account passwords add': 'yes',
  'account passwords list': 'yes',
  'account passwords revoke': 'yes',
  'address add': 'yes',
  'address remove': 'yes',
  'address known-as': 'yes',
  'address list': 'yes',
  'join link': 'yes',
  'join renew': 'yes',
  'device add': 'yes',
  'device list': 'yes',
  'device remove': 'yes',
  'uplink add': 'own-password',
  'uplink list': 'yes',
  'uplink test': 'yes',
  'uplink signin': 'yes',
  'uplink password': 'yes',
  'uplink remove': 'yes',
  'source add': 'own-password',
  'source change': 'own-password',
  'source list': 'yes',
  'source test': 'yes',
  'source collect': 'yes',
  'source pause': 'yes',
  'source resume': 'yes',
  'source signin': 'yes',
  'source password': 'yes',
  'source remove': 'yes',
  'provider list': 'yes',
  'provider connect': 'own-password',
  'provider certificate': 'yes',
  'queue list': 'yes',
  'queue why': 'yes',
  'queue retry': 'yes',
  'queue drop': 'yes',
  flush: 'yes',
  hold: 'yes',
  release: 'yes',
  panel: 'yes',
  'panel press': 'yes',
  'mail list': 'yes',
  'mail cursor': 'yes',
  'mail message': 'yes',
  'mail send': 'yes',
  'shelf list': 'yes',
  'shelf restore': 'yes',
  'settings list': 'yes',
  'settings get': 'yes',
  'settings set': 'not-own-files',
  'settings unset': 'yes',
  backup: 'within-backups',
  restore: 'no',
  verify: 'yes',
  'backup schedule': 'not-own-files',
  'backup now': 'yes',
  'backup status': 'yes',
  'backup passphrase': 'yes',
  'flows stay': 'yes',
  events: 'yes',
  log: 'yes',
  // The owner proves who it is to the gate, which does these itself.
  'owner password': 'no',
  'setup open': 'no',
};

export interface FlowsGround {
  /** Is it, or would it be, the folder or in it? Symbolic links are followed. */
  isInside(path: string, folder: string): Promise<boolean>;
  readonly data: string;
  /** The folder of backups, '' for none. */
  readonly backupFolder: () => string;
}

export async function flowsAllowed(
  verb: Verb,
  call: Call,
  { isInside, data, backupFolder }: FlowsGround,
): Promise<Result<void>> {
  const words = verb.words.join(' ');
  // As settings read them: without what stands around them.
  const said = Object.values(call.values).map((one) => one.trim());
  const paths = said.filter((one) => one.startsWith('/'));
  const within = (folder: string) => Promise.all(paths.map((path) => isInside(path, folder)));
  switch (Object.hasOwn(flowsMayAsk, words) ? flowsMayAsk[words] : 'no') {
    case 'yes':
      return ok(undefined);
    case 'within-backups': {
      const folder = backupFolder();
      const all = folder !== '' && paths.length > 0 && (await within(folder)).every(Boolean);
      if (all) return ok(undefined);
      const say = 'From here, backups go only into the folder of backup.to';
      return failed(refusal('not-for-flows', say));
    }
    case 'not-own-files':
      if (!(await within(data)).some(Boolean)) return ok(undefined);
      return failed(
        refusal('not-for-flows', 'A path in the data directory cannot be set from here'),
      );
    case 'own-password': {
      if (!leadsElsewhere(words, call) || givesPassword(call)) return ok(undefined);
      const say =
        'Give the password, too: from here, none that the box keeps goes to another server';
      return failed(refusal('not-for-flows', say));
    }
    default: {
      const say = `"${words}" is not for the flows: ask on the box itself, with restante ${words}`;
      return failed(refusal('not-for-flows', say));
    }
  }
}

/**
 * Would a password or a sign-in that the box has already go to a server, or past a certificate, that
 * the call names? A source that moves takes its password along; and whoever names a provider has
 * what another account there signs in with, whatever host stands beside it.
 */
function leadsElsewhere(words: string, { values }: Call): boolean {
  const says = (...names: readonly string[]) => names.some((name) => values[name] !== undefined);
  if (words === 'source change') return says('provider', 'host', 'port', 'security', 'ca');
  if (!says('user')) return false;
  return says('ca') || (says('provider') && says('host', 'smtp-host', 'imap-host'));
}

/** What ends a sign-in in a browser comes as a secret, too, and is no password. The key `again` stands
 * for one that whoever has the key gave a moment ago. */
function givesPassword({ secret, flags, values }: Call): boolean {
  const isGiven = Boolean(secret) || Boolean(values['again']);
  return isGiven && !flags.has('pasted') && !flags.has('wait');
}

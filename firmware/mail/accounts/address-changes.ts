/*
 * What a wish about addresses comes to: the rows to write, or in words why not. Pure functions over
 * a picture of the household; the household writes the rows and takes them over.
 */
import { failed, ok, type Result } from '#base/result';
import { type Address, addressKey, parseAddress } from '../address.ts';
import {
  type HouseholdRefusal,
  notAdded,
  notAnAddress,
  obstacleToAddress,
  obstacleToForward,
  obstacleToKnownAs,
} from './obstacles.ts';
import type { AccountRecord, AddressChange, AddressKind } from './records.ts';
import type { Picture } from './routing.ts';

type Decision = Result<AddressChange, HouseholdRefusal>;

/** `knownAs`: the account is known by the new address. */
export function addition(
  picture: Picture,
  record: AccountRecord,
  text: string,
  kind: AddressKind,
  knownAs: boolean,
): Decision {
  return withAddress(text, (address) => {
    const obstacle =
      obstacleToAddress(picture, address, kind, record) ??
      (knownAs ? obstacleToKnownAs(picture, address, record, kind) : undefined);
    if (obstacle !== undefined) return failed(obstacle);
    const { id: account } = record;
    const key = addressKey(address);
    const add = [{ account, key, spelling: text, kind }];
    return ok(knownAs ? { add, knownAs: [{ account, key }] } : { add });
  });
}

/** Mail to `text` goes to `target`, too. */
export function forwarding(
  picture: Picture,
  record: AccountRecord,
  text: string,
  target: string,
): Decision {
  return withAddress(text, (address) =>
    withAddress(target, (to) => {
      const obstacle = obstacleToForward(picture, address, to, record);
      if (obstacle !== undefined) return failed(obstacle);
      const here = { account: record.id, key: addressKey(address), spelling: text };
      return ok({ forward: [{ ...here, targetKey: addressKey(to), target }] });
    }),
  );
}

/** Takes an address away from `record`, or from every account, with what is forwarded from it; with
 * a `target`, only the forwarding to that. */
export function removal(
  picture: Picture,
  record: AccountRecord | undefined,
  text: string,
  target: string | undefined,
): Decision {
  return withAddress(text, (address) => {
    const to = target === undefined ? undefined : parseAddress(target);
    if (target !== undefined && to === undefined) return failed(notAnAddress(target));
    const key = addressKey(address);
    const theirs = (row: { readonly account: unknown }) =>
      record === undefined || row.account === record.id;
    const unforward = (picture.forwards.get(key) ?? []).filter(
      (row) => theirs(row) && (to === undefined || row.targetKey === addressKey(to)),
    );
    const remove = to === undefined ? (picture.addresses.get(key) ?? []).filter(theirs) : [];
    if (remove.length === 0 && unforward.length === 0) {
      return failed(notAdded(picture, address, text, target));
    }
    const knownAs = [...picture.accounts.values()]
      .filter((one) => one.record.knownAs === key)
      .filter((one) => remove.some((row) => row.account === one.record.id))
      .map((one) => ({ account: one.record.id, key: undefined }));
    return ok({ remove, unforward, knownAs });
  });
}

/** The account is known by one of its outside addresses, or (undefined) by none. */
export function naming(
  picture: Picture,
  record: AccountRecord,
  text: string | undefined,
): Decision {
  const { id: account } = record;
  if (text === undefined) return ok({ knownAs: [{ account, key: undefined }] });
  return withAddress(text, (address) => {
    const key = addressKey(address);
    const kind = picture.addresses.get(key)?.find((row) => row.account === account)?.kind;
    const obstacle = obstacleToKnownAs(picture, address, record, kind);
    return obstacle === undefined ? ok({ knownAs: [{ account, key }] }) : failed(obstacle);
  });
}

function withAddress(text: string, decide: (address: Address) => Decision): Decision {
  const address = parseAddress(text);
  return address === undefined ? failed(notAnAddress(text)) : decide(address);
}

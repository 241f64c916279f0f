/* nodemailer's list of well-known mail services, read from its package when somebody asks. */
import type { WellKnownList } from '#provider/well-known';

export async function loadWellKnown(): Promise<WellKnownList> {
  const { default: list } = await import('nodemailer/lib/well-known/services.json', {
    with: { type: 'json' },
  });
  return list;
}

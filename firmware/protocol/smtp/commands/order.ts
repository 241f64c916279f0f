/* What to say when a command comes at the wrong time (RFC 5321 §4.1.4: 503). */
import { badSequence, type Reply } from '../reply.ts';
import type { CommandState } from '../state.ts';

export function outOfOrder(verb: string, kind: CommandState['kind']): Reply {
  switch (kind) {
    case 'connected':
      return badSequence('Say EHLO and your name first.');
    case 'ready':
      return badSequence('Say MAIL FROM first.');
    case 'chunks':
      return badSequence('The message has begun; end it with BDAT 0 LAST, or drop it with RSET.');
    case 'sender':
      if (verb === 'DATA' || verb === 'BDAT') {
        // RFC 2920 §3.1: a pipelined DATA after recipients that were all refused
        return badSequence('No recipient was accepted, so there is nobody to deliver to.');
      }
      break;
    case 'recipients':
  }
  return badSequence('A message is under way; send it first, or drop it with RSET.');
}

/** A block of the kind that a topic must hold, with contents that have the digest its header says. */
import { type BlockHeader, type BlockKind, verifyBlock } from '@headrace/codec';
import { HeadraceError, type Logger } from '@headrace/platform';
import type { Broker, StreamMessage } from '@headrace/stream';
import type { Ownership } from './ownership.ts';

export interface VerifiedBlock {
  readonly header: BlockHeader;
  /** Records in it, as counted in the file itself. */
  readonly count: number;
  readonly value: Uint8Array;
}

export function verify(value: Uint8Array | null, kind: BlockKind): VerifiedBlock | { readonly problem: string } {
  if (value === null) return { problem: 'the message is empty' };
  const read = verifyBlock(value);
  if (read.problem !== null) return { problem: read.problem };
  if (read.header.kind !== kind) return { problem: `a ${read.header.kind} block, not ${kind}` };
  return { header: read.header, count: read.count, value };
}

/**
 * The message's block; read again over a new connection if it is damaged, since Kafka's own checksums are not checked by
 * the client. @throws HeadraceError BLOCK_DIGEST when the log itself holds it so.
 */
export async function verifiedBlock(
  message: StreamMessage,
  kind: BlockKind,
  broker: Broker,
  own: Ownership,
  log: Logger,
): Promise<VerifiedBlock> {
  const first = verify(message.value, kind);
  if ('header' in first) return first;
  const { topic, partition, offset } = message;
  log.warn('a block is damaged, reading it again', { offset, reason: first.problem });
  const again = await own.run('read a damaged block again', async () => {
    for await (const read of broker.read(topic, partition, offset, offset + 1)) return read.value;
    return null;
  });
  const second = verify(again, kind);
  if ('header' in second) return second;
  throw new HeadraceError(
    'BLOCK_DIGEST',
    `${topic}/${partition} offset ${offset} is damaged in the log itself (${second.problem}): restore the message or send the block again; nothing behind it is loaded.`,
  );
}

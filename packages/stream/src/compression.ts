/**
 * zstd for kafkajs, by Node's own zlib. The producer uses it by default; the decoder serves any producer's zstd.
 *
 * A small batch is done on the spot; a large one goes to the thread pool, so that the event loop (heartbeats, other
 * partitions) goes on meanwhile.
 */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { CompressionCodecs, CompressionTypes } from './kafkajs.ts';

/** Above this a hop to the thread pool costs less than the work. */
const ON_THE_SPOT_BYTES_MAX = 32 * 1024;
/** A guard against a crafted batch: no message of ours, and no fetch, comes near it. */
const DECOMPRESSED_BYTES_MAX = 512 * 1024 * 1024;

const compressOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const decompressOptions = { maxOutputLength: DECOMPRESSED_BYTES_MAX };
const compressAside = promisify(zstdCompress);
const decompressAside = promisify(zstdDecompress);

async function compress(bytes: Buffer): Promise<Buffer> {
  if (bytes.length <= ON_THE_SPOT_BYTES_MAX) return zstdCompressSync(bytes, compressOptions);
  return compressAside(bytes, compressOptions);
}

async function decompress(bytes: Buffer): Promise<Buffer> {
  if (bytes.length <= ON_THE_SPOT_BYTES_MAX) return zstdDecompressSync(bytes, decompressOptions);
  return decompressAside(bytes, decompressOptions);
}

/** Tells kafkajs how; repeating it is harmless. */
export function registerCompression(): void {
  // kafkajs hands its encoder to `compress`, whose bytes are in `buffer`, and a Buffer to `decompress`.
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
    decompress,
  });
}

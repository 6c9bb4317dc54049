/**
 * Bodies that hold a statement: plain text, or multipart/form-data with the parts `query` and `param_<name>`, which the
 * client uses when parameters are too long for a URL.
 */
import type { Readable } from 'node:stream';
import { CODES, refusal } from './errors.ts';

export interface FormParts {
  readonly text: Buffer;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads the whole body; above `bytesMax` it is refused. */
export async function readForm(body: Readable, contentType: string | undefined, bytesMax: number): Promise<FormParts> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) {
      const text = `A statement may have ${bytesMax} bytes; put the data of an insert in the body. (QUERY_IS_TOO_LARGE)`;
      throw refusal(CODES.QUERY_IS_TOO_LARGE, text);
    }
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  return boundary === undefined ? { text: bytes, parameters: new Map() } : readParts(bytes, boundary);
}

/** `--boundary CRLF header lines CRLF CRLF content CRLF`, and at the end `--boundary--`. */
function readParts(bytes: Buffer, boundary: string): FormParts {
  const parameters = new Map<string, string>();
  let text: Buffer = Buffer.alloc(0);
  const mark = Buffer.from(`--${boundary}`);
  let at = bytes.indexOf(mark);
  while (at >= 0) {
    const end = bytes.indexOf(mark, at + mark.length);
    if (end < 0) break;
    const part = bytes.subarray(at + mark.length + 2, end - 2);
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0) throw refusal(CODES.BAD_ARGUMENTS, 'A part of the form has no header. (BAD_ARGUMENTS)');
    const name = /name="([^"]*)"/.exec(part.subarray(0, headEnd).toString('utf8'))?.[1] ?? '';
    const content = part.subarray(headEnd + 4);
    if (name === 'query') text = content;
    else if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), content.toString('utf8'));
    at = end;
  }
  return { text, parameters };
}

// A state in the fragment of a link: the fragment is never sent to a server.

const pipe = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

export async function pack(state) {
  const packed = await pipe(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream('deflate-raw'));
  return btoa(characters(packed)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Each octet as the character of its number: a mail in a link loses none. */
export function characters(octets) {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}
export const octets = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0));

/** A link is somebody else's text: more than this is not unpacked. */
const MOST = 2_000_000;

export async function unpack(text) {
  if (text.length > MOST) throw new Error('too long');
  const packed = octets(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder();
  let [json, length] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return JSON.parse(json + decoder.decode());
    length += value.length;
    if (length > MOST) throw new Error('too long');
    json += decoder.decode(value, { stream: true });
  }
}

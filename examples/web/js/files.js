// What a dropped or opened file is: a mail, a text to be checked like a pasted one, or nothing for this page.

/** A message beyond this is no mail that people look into; the check would hold the page. */
const MOST = 30 * 1024 * 1024;

/** What is shown of a long text in the box; all of it is checked. */
export const SHOWN = 100_000;

const OUTLOOK = [0xd0, 0xcf, 0x11, 0xe0];
const begins = (octets, magic) => magic.every((octet, at) => octets[at] === octet);

/** `{ octets, text }`, or `{ refused }`: the word that says why not. */
export async function read(file) {
  if (file.size > MOST) return { refused: 'file.large' };
  if (file.size === 0) return { refused: 'file.empty' };
  const octets = new Uint8Array(await file.arrayBuffer());
  if (begins(octets, OUTLOOK)) return { refused: 'file.outlook' };
  const utf16 = begins(octets, [0xff, 0xfe]) ? 'utf-16le' : begins(octets, [0xfe, 0xff]) ? 'utf-16be' : null;
  if (utf16) {
    const text = new TextDecoder(utf16).decode(octets);
    return { octets: new TextEncoder().encode(text), text };
  }
  // Mail has no octet 0 (RFC 5322 §2.1), and what is no text has many.
  if (octets.subarray(0, 8192).includes(0)) return { refused: 'file.binary' };
  return { octets, text: decoded(octets) };
}

/** UTF-8 where it is; else each octet as one character, so that nothing is lost. */
function decoded(octets) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return new TextDecoder('latin1').decode(octets);
  }
}

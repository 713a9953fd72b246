// Reads of a header only what the page shows or asks with. What is wrong with a field is the library's business.

const octets = (bytes) => new TextDecoder('latin1').decode(bytes);

/** `{ name, body }` of each field, from the top; unfolded. */
export function fields(message) {
  const text = typeof message === 'string' ? message : octets(message);
  const head = text.split(/\r?\n\r?\n/, 1)[0].replace(/^From .*\r?\n/, '');
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ');
  return unfolded.split(/\r?\n/).flatMap((line) => {
    const found = line.match(/^([!-9;-~]+)[ \t]*:\s*(.*)$/);
    return found ? [{ name: found[1], body: found[2] }] : [];
  });
}

export const named = (all, name) => all.filter((field) => field.name.toLowerCase() === name.toLowerCase());

/** What an Authentication-Results field says: `{ method, result, properties }`. */
export function authResults(body) {
  const bare = body.replace(/\((?:[^()]|\([^()]*\))*\)/g, ' ');
  return bare.split(';').flatMap((part) => {
    const found = part.trim().match(/^([\w-]+)(?:\/\d+)?\s*=\s*([\w-]+)(.*)$/s);
    if (!found) return [];
    const pairs = [...found[3].matchAll(/([\w-]+\.[\w-]+|reason)\s*=\s*("[^"]*"|\S+)/g)];
    const properties = Object.fromEntries(pairs.map(([, name, value]) => [name.toLowerCase(), value.replace(/^"|"$/g, '')]));
    return [{ method: found[1].toLowerCase(), result: found[2].toLowerCase(), properties }];
  });
}

/** The identifiers for DMARC that such results name. */
export function identifiers(results) {
  const domain = (value = '') => value.split('@').pop().replace(/[<>]/g, '').toLowerCase();
  return results.flatMap(({ method, result, properties }) => {
    if (method === 'spf') {
      const path = properties['smtp.mailfrom'] ?? properties['smtp.helo'];
      return path ? [{ method: { spf: { null_path: !('smtp.mailfrom' in properties) } }, domain: domain(path), result }] : [];
    }
    if (method !== 'dkim') return [];
    const signer = properties['header.d'] ?? properties['header.i'];
    const selector = properties['header.s'] ?? null;
    return signer ? [{ method: { dkim: { selector, weakness: null } }, domain: domain(signer), result }] : [];
  });
}

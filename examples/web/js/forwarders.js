// Who may send mail on, as the stations that the library knows.

export const FORWARDERS = {
  redirect: [{ redirect: { srs: false } }],
  srs: [{ redirect: { srs: true } }],
  disclaimer: [{ disclaimer: { srs: true, signs: true } }],
  list: [{ list: { tag: true, footer: true } }],
  munged: [{ list: { tag: true, footer: true, munging: 'from', signs: true } }],
  recode: [{ redirect: { srs: false } }, 'recode'],
};

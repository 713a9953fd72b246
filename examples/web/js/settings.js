// The only thing that is kept, and only in this browser: the language, the colours and the DNS server.
import { SERVERS } from './dns.js';
import { LANGUAGES, preferred } from './i18n.js';

const THEMES = ['auto', 'light', 'dark'];
const KEY = 'mailproof';

function kept() {
  try {
    const { language, theme, server, own } = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const known = {
      language: Object.hasOwn(LANGUAGES, language) && language,
      theme: THEMES.includes(theme) && theme,
      server: (Object.hasOwn(SERVERS, server) || ['own', 'none'].includes(server)) && server,
      own: URL.canParse(own) && own,
    };
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value));
  } catch {
    return {};
  }
}

export const settings = { language: preferred(), theme: 'auto', server: 'cloudflare', own: '', ...kept() };

export function keep(change) {
  Object.assign(settings, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Some browsers keep nothing: the choice holds until the page is closed.
  }
}

/** The URL of the chosen DNS over HTTPS server; null for no network. */
export const doh = () => (settings.server === 'none' ? null : settings.server === 'own' ? settings.own || null : SERVERS[settings.server]);

export function showTheme() {
  if (settings.theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
}

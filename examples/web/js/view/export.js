// The report to take along: JSON, text, and a link that has only what was agreed to.
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { copyButton } from './copy.js';

/** @param sharable which of the choices a link can carry, @param link makes it of those that are chosen */
export function exported(parts, sharable, link) {
  const data = () => ({ made: 'mailproof', reports: parts.map(({ report, text, ...rest }) => report ?? rest) });
  const texts = parts.map(({ text }) => text).filter((text) => typeof text === 'string');
  const choices = [['text', true], ['session', true], ['answers', false]].map(([name, checked]) =>
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked: checked && sharable[name], disabled: !sharable[name], 'data-share': name }), ' ',
      t(`share.${name}`), sharable[name] ? null : ` (${t('share.large')})`));
  const chosen = () => choices.map((one) => one.firstChild).filter(({ checked }) => checked).map(({ dataset }) => dataset.share);
  return [
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => download('mailproof.json', JSON.stringify(data(), null, 2)) }, t('export.json')),
      texts.length > 0 ? copyButton(t('export.text'), texts.join('\n'), t('export.text.title')) : null),
    h('fieldset', { class: 'share' }, h('legend', {}, t('share.title')), h('p', { class: 'hint' }, t('share.about')), choices,
      h('div', { class: 'buttons' }, copyButton(t('share.copy'), () => link(chosen()), t('share.about')))),
  ];
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

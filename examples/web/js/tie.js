// Term, finding and page belong together: what one points at is lit in the others.
import { $, fill, h } from './dom.js';
import { language, t } from './i18n.js';
import { page } from './view/page.js';

export function tie(report) {
  const light = (numbers, on) => {
    for (const number of numbers) {
      for (const one of report.querySelectorAll(`[data-findings~="${number}"]`)) one.classList.toggle('lit', on);
    }
  };
  const numbers = (target) => target.closest?.('[data-findings]')?.dataset.findings.split(' ') ?? [];
  const enter = ({ target }) => {
    const of = numbers(target);
    light(of, true);
    const [first] = of;
    if (first) showPage($(`finding-${first}`)?.dataset.code);
  };
  const leave = ({ target }) => light(numbers(target), false);
  report.addEventListener('pointerover', enter);
  report.addEventListener('pointerout', leave);
  report.addEventListener('focusin', enter);
  report.addEventListener('focusout', leave);
  report.addEventListener('click', ({ target }) => {
    const term = target.closest?.('.term');
    if (term) goTo(numbers(term)[0]);
  });
}

function goTo(number) {
  $('section-findings').open = true;
  const finding = $(`finding-${number}`);
  finding.closest('#notes')?.setAttribute('open', '');
  finding.open = true;
  finding.querySelector('summary').focus();
  finding.scrollIntoView({ block: 'nearest' });
}

let onPane = null;
/** The page of a code beside the report, where the window has the room. */
export function showPage(code) {
  const pane = $('pane');
  pane.hidden = !code;
  if (!code || onPane === `${code} ${language()}`) return;
  onPane = `${code} ${language()}`;
  fill(pane, h('h2', { class: 'label' }, t('pane.label')), page(code), h('p', { class: 'code' }, code));
}

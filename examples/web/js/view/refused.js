// Who refused a message, as its sender is told.
import { t } from '../i18n.js';

/** Software that anybody runs refuses nothing: the server that runs it does. */
export function refuser(one, notification) {
  const provider = one.is_provider ? one.provider : null;
  return provider ?? notification?.reporting_mta ?? one.reply.host ?? t('answer.bounce.somebody');
}

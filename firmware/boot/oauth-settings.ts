/* The settings `oauth.*`, cut for signing in at providers (provider/oauth). */
import type { OAuthSettings } from '#provider/oauth/endpoints';
import type { Settings } from '#settings/table';

export function oauthSlice(settings: Settings): OAuthSettings {
  return {
    microsoft: {
      client: settings['oauth.microsoft.client'],
      device: settings['oauth.microsoft.device'],
      token: settings['oauth.microsoft.token'],
    },
    google: {
      client: settings['oauth.google.client'],
      secretFile: settings['oauth.google.secret'],
      authorize: settings['oauth.google.authorize'],
      token: settings['oauth.google.token'],
    },
    own: {
      client: settings['oauth.own.client'],
      secretFile: settings['oauth.own.secret'],
      scope: settings['oauth.own.scope'],
      device: settings['oauth.own.device'],
      authorize: settings['oauth.own.authorize'],
      token: settings['oauth.own.token'],
      caFile: settings['oauth.own.ca'],
    },
  };
}

/*
 * Whether the box could listen as a setting would have it, tried out before the setting is kept: a box
 * that cannot listen does not start, and then there are no pages to put it right on. Each port is open
 * for a moment, and serves nobody.
 */
import type { Log } from '#base/log';
import { Listener } from '#net/listener';
import { isSettingName, rowOf, type Settings, settingNames } from '#settings/table';

/** A sentence; undefined: nothing is in the way, or it is not about listening. */
export async function obstacleToListening(
  setting: string,
  text: string,
  current: Settings,
  log: Log,
): Promise<string | undefined> {
  const isPort = setting.endsWith('.port');
  if (!isSettingName(setting) || !(isPort || setting === 'listen.host')) return undefined;
  const wanted = rowOf(setting).kind.read(text);
  // What is not allowed is for the settings to refuse, and 0 listens nowhere.
  if (wanted === undefined || wanted === 0) return undefined;
  const hosts = isPort ? current['listen.host'] : (wanted as readonly string[]);
  const port = isPort ? (wanted as number) : 0;
  // A port of the box's own is free at its next start, or its settings contradict each other.
  if (isPort && settingNames.some((name) => name.endsWith('.port') && current[name] === port)) {
    return undefined;
  }
  const plan = { protocol: { name: 'trial' }, port, setting, hosts };
  const listener = new Listener(plan, (socket) => socket.destroy(), log);
  const started = await listener.start();
  listener.stop();
  if (started.ok) return undefined;
  const { code, say } = started.error;
  // An address may draw a port that is taken on another one. And who may not open a port is at a
  // terminal: an appliance may open all.
  if (code !== (isPort ? 'port-in-use' : 'no-such-address')) return undefined;
  return `${say} The box could not start with it.`;
}

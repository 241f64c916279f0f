/*
 * Names of IMAP folders on one line, as somebody types them behind --folders and as they are shown to
 * be typed: with commas between, and \, for a comma in a name.
 */

export function splitFolders(text: string): string[] {
  const parts = text.match(/(?:\\,|[^,])+/g) ?? [];
  return parts.map((part) => part.replaceAll('\\,', ',').trim());
}

export function joinFolders(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(',', '\\,')).join(', ');
}

/*
 * What an asking node is: a family of verbs of the box under one name in the palette. The tables
 * beside this file are data: the node, its editor part and its help are made from them, and a test
 * holds them against the real table of verbs (firmware/control/verbs/table.ts).
 */

export interface Action {
  /** The verb's words, which are its path on the control socket. */
  readonly words: readonly string[];
  /** It only looks. */
  readonly reads?: true;
  /** Fields with a text, by the verb's names; a form that feeds the node uses the same names. */
  readonly takes?: readonly string[];
  /** Fields that are true or left out. */
  readonly flags?: readonly string[];
  /** Fields with several texts. */
  readonly lists?: readonly string[];
  /** It takes a password or passphrase as `secret`, which is taken out of the message at once. */
  readonly secret?: true;
  /** For the menu in the editor: 'try one message now'. */
  readonly say: string;
}

export interface Family {
  /** In the palette. */
  readonly label: string;
  readonly icon: string;
  /** The first paragraph of the help. */
  readonly help: string;
  readonly actions: Readonly<Record<string, Action>>;
}

// Sentences that instruct a person. Pure.

/** Verbs with which vendors begin an instruction. */
const VERBS =
  `add adjust allow apply ask assign attach avoid back bring build call change check choose clean clear click close configure confirm
  connect contact convert copy correct create decrease delete deploy detach determine disable disconnect double-click download drag edit
  eliminate enable ensure enter execute exit expand export extend find fix follow free give grant hold identify import increase insert
  install issue join keep launch leave load locate log look lower make map modify mount move navigate obtain open perform place plug press
  print provide put quit raise rebuild reboot recover recreate re-create reduce register re-register reinstall reload release remove rename
  renew repair replace request rerun reset resolve respond restart restore retry review right-click run save scan schedule select send set
  shorten shut sign specify start stop submit supply switch synchronize take test trim try turn type unblock uninstall unload unlock
  unplug update upgrade use verify view wait wipe write`
    .trim()
    .split(/\s+/u);
/** What can stand in front of the verb. */
const LEAD =
  '(?:(?:first|then|next|also|finally|otherwise|again|please|now|at (?:a|the) command prompt|in [^,.]{3,60}|on [^,.]{3,60}|from [^,.]{3,60}|after [^,.]{3,80}|before [^,.]{3,80}|if [^.]{3,120}), ?)?(?:please )?';
const IMPERATIVE = new RegExp(`^${LEAD}(?:${VERBS.join('|')})\\b(?!-)`, 'iu');
/** Only leads into the list below. */
const LEADS_IN =
  /^(?:please )?(?:complete|do|follow|perform|take|try|use) (?:(?:all|any|each|either|one|some|both)(?: or more)? of )?(?:the|these|this) (?:(?:following|steps?|procedures?|tasks?|instructions|actions?|methods?|options?|solutions?)\b[^.]*)[.:]?$/iu;

/**
 * Whether a text begins with an instruction of its own, rather than with a word on the list that
 * follows.
 */
export function isImperative(text: string): boolean {
  return IMPERATIVE.test(text) && !LEADS_IN.test(text);
}

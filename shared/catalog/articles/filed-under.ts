// The foot of an article: the aspect and the role under which the vendor files it. Pure.
import { type Paragraph, sameWords } from './paragraph.ts';

/**
 * Takes the foot out of the sections. `named`: the aspect as the title names it. `others`: what
 * else stands there.
 */
export function takeFiledUnder(
  sections: { readonly heading: string; readonly paragraphs: Paragraph[] }[],
  named: string | undefined,
) {
  const labelled = sections.findIndex(({ heading }) => heading === 'filed under');
  if (labelled !== -1) {
    const [aspect, role, ...others] = textsOf(sections.splice(labelled, 1)[0]?.paragraphs ?? []);
    return { aspect: named ?? aspect, role, others, isFound: true };
  }
  const isNamed = ({ text }: Paragraph): boolean => named !== undefined && isSameAspect(named, text);
  const section = sections.findLast(({ paragraphs }) => paragraphs.some(isNamed));
  const tail = section?.paragraphs.splice(section.paragraphs.findLastIndex(isNamed)) ?? [];
  const [, role, ...others] = textsOf(tail);
  return { aspect: named, role, others, isFound: tail.length > 0 };
}

/** The title's aspect can have the product in front that the foot of the page leaves out. */
function isSameAspect(named: string, text: string): boolean {
  const [one, other] = [sameWords(named), sameWords(text)];
  return one === other || (other.length > 8 && one.endsWith(` ${other}`));
}

function textsOf(paragraphs: readonly Paragraph[]): readonly string[] {
  return paragraphs.map(({ text }) => text);
}

// The repair of an incident as blocks of Slack: short for the parent, whole for its thread.
import { type Guide, type GuideStep, type GuideSteps, moreText } from '../message/guide.ts';
import { type Block, paragraph, type RichElement, richBlocks, run } from './block-kit.ts';

/** The first way in some steps, the others by their titles. */
export function guideBlocks(guide: Guide): readonly Block[] {
  const scope = scopeOf(guide);
  const causes = guide.causes.flatMap(stepElements);
  const options = guide.options.flatMap(({ title, when, ...steps }, index) =>
    richBlocks(
      index === 0
        ? [heading(`Repair 1: ${title}${scope}`), ...stepsElements(steps, guide)]
        : [paragraph(run(`Repair ${index + 1}: ${title}`, { bold: true }), run(when === '' ? ' ' : `\n${when}`))],
    ),
  );
  const check = stepsElements(guide.verification, guide);
  return [
    ...(causes.length === 0 ? [] : richBlocks([heading(`Find out${scope}`), ...causes])),
    ...options,
    ...(check.length === 0 ? [] : richBlocks([heading('Then check'), ...check])),
  ];
}

/** A line in bold. */
export function heading(text: string): RichElement {
  return paragraph(run(`${text}\n`, { bold: true }));
}

function stepsElements(steps: GuideSteps, guide: Guide): readonly RichElement[] {
  const more = moreText(steps, guide);
  return [
    ...steps.steps.flatMap(stepElements),
    ...(more === '' ? [] : [paragraph(run(`… ${more}`, { italic: true }))]),
  ];
}

function stepElements({ number, text, command, risk }: GuideStep): readonly RichElement[] {
  const lines = risk === undefined ? [run(text)] : [run(`${text} `), run(`Risk: ${risk}`, { italic: true })];
  const style = number === 0 ? ({ style: 'bullet' } as const) : ({ style: 'ordered', offset: number - 1 } as const);
  return [
    { type: 'rich_text_list', ...style, elements: [{ type: 'rich_text_section', elements: lines }] },
    ...(command === undefined ? [] : [{ type: 'rich_text_preformatted', elements: [run(command)] } as const]),
  ];
}

/** Whether `guideBlocks` shows less than there is. */
export function isCut({ options, verification }: Guide): boolean {
  return options.length > 1 || [...options, verification].some(({ moreSteps }) => moreSteps > 0);
}

/** All ways with all of their steps, and how to undo each. */
export function wholeBlocks({ causes, options, verification }: Guide): readonly Block[] {
  return [
    ...(causes.length === 0 ? [] : richBlocks([heading('Find out'), ...causes.flatMap(stepElements)])),
    ...options.flatMap(({ title, when, ...steps }, index) =>
      richBlocks([
        heading(`Repair ${index + 1}: ${title}`),
        ...(when === '' ? [] : [paragraph(run(when, { italic: true }))]),
        ...steps.steps.flatMap(wholeStep),
      ]),
    ),
    ...richBlocks([heading('Then check'), ...verification.steps.flatMap(wholeStep)]),
  ];
}

function wholeStep(step: GuideStep): readonly RichElement[] {
  const { undo } = step;
  return [...stepElements(step), ...(undo === undefined ? [] : [paragraph(run(`Undo: ${undo}`, { italic: true }))])];
}

/** Of a group the incident whose values the steps have. */
export function scopeOf({ scope }: Guide): string {
  return scope === '' ? '' : ` (${scope})`;
}

import { confirm, isCancel, text } from '@clack/prompts';
import { AnswerError } from './answer-error.js';
import type { Answers, Question } from './question.js';

/** Where questions are asked. */
export interface Terminal {
  ask(question: Question): Promise<string | boolean>;
}

/** The terminal that the process has. */
export const TERMINAL: Terminal = {
  async ask({ text: message, initial }) {
    const answer =
      typeof initial === 'boolean'
        ? await confirm({ message, initialValue: initial })
        : await text({ message, placeholder: initial, defaultValue: initial });
    if (isCancel(answer)) throw new AnswerError('cancelled: nothing was written');
    return answer;
  },
};

/**
 * Every question's answer: the flag's, else what is answered on a terminal, else the initial one. Nothing is asked that
 * the answers so far leave no room for.
 */
export async function collectAnswers(
  questions: readonly Question[],
  flags: Answers,
  terminal: Terminal | undefined,
): Promise<Answers> {
  const answers: Record<string, string | boolean> = {};
  for (const question of questions) {
    const { name, initial, skip } = question;
    const flag = flags[name];
    if (flag !== undefined) answers[name] = flag;
    else if (skip?.({ ...flags, ...answers }) !== true) answers[name] = (await terminal?.ask(question)) ?? initial;
  }
  return answers;
}

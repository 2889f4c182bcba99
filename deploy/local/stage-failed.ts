// The error of a stage of `npm start` that failed.

/** Its message begins with the stage's name. */
export class StageFailed extends Error {
  override readonly name = 'StageFailed';
}

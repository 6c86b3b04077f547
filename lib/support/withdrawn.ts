/** A request was taken back before it was sent: the other side has seen nothing of it. */
export class Withdrawn extends Error {}
